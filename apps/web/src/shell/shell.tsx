import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Ledger } from '../credits/ledger.tsx';
import { Gallery } from '../gallery/gallery.tsx';
import { ContactSheet } from '../jobs/contact-sheet.tsx';
import { Prompts } from '../prompts/prompts.tsx';
import type { Session } from '../session/session.ts';
import { useStudioState } from '../studio/context.tsx';
import { GalleryIcon, LedgerIcon, PromptsIcon, SignOutIcon, StudioIcon, ThemeIcon } from './icons.tsx';
import { Notice } from './notice.tsx';
import { hrefOf, type Route, useRoute } from './route.ts';
import { applyTheme, nextTheme, rememberedTheme } from './theme.ts';
import { Wordmark } from './wordmark.tsx';

const parts: { route: Route; name: string; icon: ReactNode; view: ReactNode }[] = [
  { route: 'studio', name: 'Studio', icon: <StudioIcon />, view: <ContactSheet /> },
  { route: 'gallery', name: 'Gallery', icon: <GalleryIcon />, view: <Gallery /> },
  { route: 'prompts', name: 'Prompts', icon: <PromptsIcon />, view: <Prompts /> },
  { route: 'ledger', name: 'Ledger', icon: <LedgerIcon />, view: <Ledger /> },
];

/** What surrounds every part of the page: the way between them, the balance, and what is said aloud. */
export function Shell({ session }: { session: Session }) {
  const { credits, prompts, said } = useStudioState();
  const route = useRoute();
  const shown = parts.filter((part) => part.route !== 'prompts' || prompts);
  const part = shown.find((one) => one.route === route) ?? shown[0]!;
  useTitleAndFocus(part.name, part.route);

  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header className="bar">
        <Wordmark />
        <nav aria-label="Main">
          {shown.map(({ route: to, name, icon }) => (
            <a key={to} href={hrefOf(to)} aria-current={to === part.route ? 'page' : undefined}>
              {icon}
              <span>{name}</span>
            </a>
          ))}
        </nav>
        <div className="account">
          <a className="balance" href={hrefOf('ledger')}>
            <span className="visually-hidden">Balance: </span>
            <strong>{credits ?? '–'}</strong> <span>{credits === 1 ? 'credit' : 'credits'}</span>
          </a>
          <ThemeButton />
          <span className="who">{session.name}</span>
          <button type="button" className="icon-button" onClick={session.signOut} aria-label="Sign out">
            <SignOutIcon />
          </button>
        </div>
      </header>
      <Notice />
      <main id="main" tabIndex={-1}>
        {part.route === 'studio' && (
          <h1 className="visually-hidden" id="page-title" tabIndex={-1}>
            Studio
          </h1>
        )}
        {part.view}
      </main>
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
    </>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(rememberedTheme);
  function turn() {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  }
  return (
    <button
      type="button"
      className="icon-button"
      onClick={turn}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change it`}
    >
      <ThemeIcon />
    </button>
  );
}

/** Another part is another page to whoever hears it: its heading is where they arrive. */
function useTitleAndFocus(name: string, route: Route): void {
  const first = useRef(true);
  useEffect(() => {
    document.title = route === 'studio' ? 'Darkroom' : `${name} · Darkroom`;
    if (!first.current) document.getElementById('page-title')?.focus();
    first.current = false;
  }, [name, route]);
}
