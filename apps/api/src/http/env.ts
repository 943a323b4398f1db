import type { SignedIn } from '../auth/signed-in.ts';

/** What middleware leaves for the handlers. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Set on every path below /v1. */
    user: SignedIn;
    /** Set where the body is large: it is needed no more. */
    bodyTaken?: () => void;
  };
}
