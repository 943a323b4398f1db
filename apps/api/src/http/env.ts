import type { SessionUser } from '../auth/session-user.ts';

/** What middleware sets for the handlers. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Set on every path below /v1. */
    user: SessionUser;
    /** Set if the body is large. The handler calls it when it no longer needs the body. */
    releaseBody?: () => void;
  };
}
