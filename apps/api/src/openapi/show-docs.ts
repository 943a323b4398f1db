import type { Handler, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { describeApi } from './document.ts';
import { docsPage } from './page.ts';
import { documentCaching } from './show-document.ts';

/** `GET /docs`: the contract as a page to read. It holds everything it needs. */
export function showDocs(): Handler<ApiEnv> {
  let page: string | undefined;
  return (c) => {
    page ??= docsPage(describeApi());
    return c.body(page, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': documentCaching,
    });
  };
}

/** Lets the page have its style, and nothing else. To be put around what sets the policy of all answers. */
export const docsPolicy: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  c.res.headers.set(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
};
