/** Who sent the request, according to the session token. */
export interface SessionUser {
  id: string;
  /** Null unless the Clerk instance puts the e-mail address into its tokens. */
  email: string | null;
  /** The organization that is active in the session, and the user's role in it. */
  organization: { id: string; role: string } | null;
}
