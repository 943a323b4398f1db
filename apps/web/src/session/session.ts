import type { GetToken } from '@darkroom/client';

/** A signed-in user. */
export interface Session {
  /** Of the user. */
  id: string;
  /** Shown in the page. */
  name: string;
  getToken: GetToken;
  signOut(): void;
}
