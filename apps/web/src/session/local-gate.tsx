import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import { Welcome } from '../shell/welcome.tsx';
import { openLocalSession, rememberedName } from './local.ts';
import type { Session } from './session.ts';

/** Asks for a name, then shows the page for that user. */
export function LocalGate({ children }: { children: (session: Session) => ReactNode }) {
  const [name, setName] = useState(rememberedName);
  const session = useMemo(() => (name ? openLocalSession(name, () => setName(null)) : null), [name]);
  return session ? children(session) : <NameForm onName={setName} />;
}

function NameForm({ onName }: { onName: (name: string) => void }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    if (name) onName(name);
  }
  return (
    <Welcome>
      <form className="sign-in" onSubmit={submit}>
        <label htmlFor="name">Your name</label>
        <input
          id="name"
          name="name"
          required
          maxLength={60}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="name-hint"
        />
        <button type="submit" className="button primary">
          Sign in
        </button>
        <p id="name-hint" className="hint">
          This is the local stack: each name is its own account. Accounts stay on this machine.
        </p>
      </form>
    </Welcome>
  );
}
