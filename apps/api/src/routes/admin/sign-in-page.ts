import { html } from 'hono/html';

export interface SignInPage {
  signedIn: boolean;
  /** The path to open after sign-in. */
  next: string;
  /** Why the last attempt failed. */
  error?: string;
}

/** The sign-in page: a form without scripts. */
export function signInPage({ signedIn, next, error }: SignInPage) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${signedIn ? 'Signed in' : 'Sign in'} · Darkroom operators</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
  main { width: min(26rem, calc(100vw - 3rem)); }
  h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
  p { margin: 0 0 1.25rem; }
  label { display: block; font-weight: 600; margin-bottom: .35rem; }
  input, button, a.button { box-sizing: border-box; font: inherit; width: 100%; padding: .6rem .75rem; border-radius: .4rem; }
  input { border: 1px solid #767676; margin-bottom: .35rem; }
  .hint { font-size: .9rem; }
  button, a.button { display: block; border: 0; background: #1f4fd8; color: #fff; font-weight: 600; cursor: pointer;
    text-align: center; text-decoration: none; margin-bottom: .75rem; }
  button.quiet { background: transparent; color: inherit; border: 1px solid #767676; }
  [role=alert] { padding: .6rem .75rem; border: 1px solid currentColor; border-left-width: .4rem; border-radius: .25rem; }
  :focus-visible { outline: 3px solid #5b8cff; outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>Darkroom operators</h1>
${signedIn ? account(next) : form(next, error)}
</main>
</body>
</html>`;
}

function form(next: string, error: string | undefined) {
  return html`<p>Sign in to see the queues.</p>
${error ? html`<p role="alert" id="error">${error}</p>` : ''}
<form method="post" action="/admin/sign-in">
<input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required autofocus aria-describedby="hint">
<p id="hint" class="hint">OPERATOR_TOKEN of this deployment, or the Clerk session token of an operator.</p>
<button type="submit">Sign in</button>
</form>`;
}

function account(next: string) {
  return html`<p>You are signed in. The session lasts 8 hours.</p>
<a class="button" href="${next}">Open the queues</a>
<form method="post" action="/admin/sign-out"><button class="quiet" type="submit">Sign out</button></form>`;
}
