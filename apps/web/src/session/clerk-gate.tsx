import { ClerkProvider, SignIn, useAuth, useUser } from '@clerk/react';
import { type ReactNode, useMemo, useRef } from 'react';
import { Splash } from '../shell/splash.tsx';
import { Welcome } from '../shell/welcome.tsx';
import type { Session } from './session.ts';

type Children = (session: Session) => ReactNode;

/** Clerk's sign-in form, or the page for the signed-in user. Loaded only when Clerk is configured. */
export default function ClerkGate({
  publishableKey,
  children,
}: {
  publishableKey: string;
  children: Children;
}) {
  return (
    <ClerkProvider publishableKey={publishableKey}>
      <SignedIn>{children}</SignedIn>
    </ClerkProvider>
  );
}

function SignedIn({ children }: { children: Children }) {
  const auth = useAuth();
  const { user } = useUser();
  // Clerk returns new functions at every render; a session must stay the same for one user.
  const latest = useRef(auth);
  latest.current = auth;
  const name = user?.firstName ?? user?.username ?? user?.primaryEmailAddress?.emailAddress ?? 'You';
  const { userId } = auth;
  const session = useMemo<Session | null>(
    () =>
      userId
        ? {
            id: userId,
            name,
            getToken: (options) => latest.current.getToken(options),
            signOut: () => void latest.current.signOut(),
          }
        : null,
    [userId, name],
  );
  if (!auth.isLoaded) return <Splash />;
  if (session) return children(session);
  return (
    <Welcome>
      <SignIn routing="hash" />
    </Welcome>
  );
}
