/** Who sent the request, as the session token says. */
export interface SignedIn {
  id: string;
  /** Null unless the instance puts the address into its tokens. */
  email: string | null;
  /** The organisation that is active in the session, with the user's role in it. */
  organization: { id: string; role: string } | null;
}
