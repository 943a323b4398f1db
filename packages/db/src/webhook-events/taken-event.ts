/** What became of an event that Clerk or Stripe reported. The last three need an operator. */
export type WebhookOutcome =
  | 'applied'
  | 'ignored'
  | 'stale'
  | 'email_taken'
  | 'unknown_user'
  | 'unknown_price'
  | 'deleted_user';

export interface TakenEvent {
  outcome: WebhookOutcome;
  /** The event had been taken before; nothing was done now. */
  repeated: boolean;
  user_id?: string | null;
  note?: string | null;
}
