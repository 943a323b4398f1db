import { lazy, type ReactNode, Suspense } from 'react';
import type { PageConfig } from './config/load.ts';
import { LocalGate } from './session/local-gate.tsx';
import type { Session } from './session/session.ts';
import { Shell } from './shell/shell.tsx';
import { Splash } from './shell/splash.tsx';
import { StudioProvider } from './studio/context.tsx';

const ClerkGate = lazy(() => import('./session/clerk-gate.tsx'));

/** Signs in with Clerk or locally, as configured, and opens the studio of that user. */
export function App({ config }: { config: PageConfig }) {
  const inside = (session: Session): ReactNode => (
    <StudioProvider key={session.id} api={config.api} session={session}>
      <Shell session={session} />
    </StudioProvider>
  );
  if (!config.clerkKey) return <LocalGate>{inside}</LocalGate>;
  return (
    <Suspense fallback={<Splash />}>
      <ClerkGate publishableKey={config.clerkKey}>{inside}</ClerkGate>
    </Suspense>
  );
}
