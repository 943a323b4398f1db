import type { ReactNode } from 'react';
import { Wordmark } from './wordmark.tsx';

/** The page before sign-in. */
export function Welcome({ children }: { children: ReactNode }) {
  return (
    <main className="welcome">
      <div className="welcome-card">
        <Wordmark />
        <h1>Describe an image. Watch it being made.</h1>
        <p className="lede">
          Each image shows its place in the queue, its progress and its price. If it fails or you cancel it,
          your credits are refunded.
        </p>
        {children}
      </div>
    </main>
  );
}
