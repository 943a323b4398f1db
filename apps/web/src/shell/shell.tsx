import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Ledger } from '../credits/ledger.tsx';
import { Gallery } from '../gallery/gallery.tsx';
import { JobList } from '../jobs/job-list.tsx';
import { Prompts } from '../prompts/prompts.tsx';
import type { Session } from '../session/session.ts';
import { useStudioState } from '../studio/context.tsx';
import { GalleryIcon, LedgerIcon, PromptsIcon, SignOutIcon, StudioIcon, ThemeIcon } from './icons.tsx';
import { Notice } from './notice.tsx';
import { hrefOf, type Route, useRoute } from './route.ts';
import { applyTheme, nextTheme, rememberedTheme } from './theme.ts';
import { Wordmark } from './wordmark.tsx';

const views: { route: Route; name: string; icon: ReactNode; view: ReactNode }[] = [
  { route: 'studio', name: 'Studio', icon: <StudioIcon />, view: <JobList /> },
  { route: 'gallery', name: 'Gallery', icon: <GalleryIcon />, view: <Gallery /> },
  { route: 'prompts', name: 'Prompts', icon: <PromptsIcon />, view: <Prompts /> },
  { route: 'ledger', name: 'Ledger', icon: <LedgerIcon />, view: <Ledger /> },
];

/** What surrounds every view: navigation, balance, notices and announcements for screen readers. */
export function Shell({ session }: { session: Session }) {
  const { credits, prompts, announcement } = useStudioState();
  const route = useRoute();
  const shown = views.filter((one) => one.route !== 'prompts' || prompts);
  const current = shown.find((one) => one.route === route) ?? shown[0]!;
  useTitleAndFocus(current.name, current.route);

  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header className="bar">
        <Wordmark />
        <nav aria-label="Main">
          {shown.map(({ route: to, name, icon }) => (
            <a key={to} href={hrefOf(to)} aria-current={to === current.route ? 'page' : undefined}>
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
        {current.route === 'studio' && (
          <h1 className="visually-hidden" id="page-title" tabIndex={-1}>
            Studio
          </h1>
        )}
        {current.view}
      </main>
      <p className="visually-hidden" aria-live="polite">
        {announcement}
      </p>
    </>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(rememberedTheme);
  function change() {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  }
  return (
    <button
      type="button"
      className="icon-button"
      onClick={change}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change it`}
    >
      <ThemeIcon />
    </button>
  );
}

/** Moves the focus to the heading of a new view, so that screen readers announce it. */
function useTitleAndFocus(name: string, route: Route): void {
  const first = useRef(true);
  useEffect(() => {
    document.title = route === 'studio' ? 'Darkroom' : `${name} · Darkroom`;
    if (!first.current) document.getElementById('page-title')?.focus();
    first.current = false;
  }, [name, route]);
}
