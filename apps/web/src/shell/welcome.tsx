import type { ReactNode } from 'react';
import { Wordmark } from './wordmark.tsx';

/** The page for whoever is not signed in. */
export function Welcome({ children }: { children: ReactNode }) {
  return (
    <main className="welcome">
      <div className="welcome-card">
        <Wordmark />
        <h1>Describe it. Watch it develop.</h1>
        <p className="lede">
          Every image shows its place in the line, its progress and its price. What fails or is canceled is
          refunded, to the credit.
        </p>
        {children}
      </div>
    </main>
  );
}
