import type { GetToken } from '@darkroom/client';

/** Somebody who is signed in. */
export interface Session {
  /** Of the user; another id is another person. */
  id: string;
  /** As the page greets them. */
  name: string;
  getToken: GetToken;
  signOut(): void;
}
