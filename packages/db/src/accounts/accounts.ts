import type { Call } from '../transport/call.ts';
import type { TakenEvent } from '../webhook-events/taken-event.ts';

/** A change of a user, as Clerk reports it. Times are ISO 8601. */
export interface ClerkEvent {
  id: string;
  type: 'user.created' | 'user.updated' | 'user.deleted';
  createdAt: string;
  userId: string;
  /** Verified, or null. */
  email: string | null;
  /** When the user was changed. */
  changedAt: string;
}

export interface AccountOperations {
  /** Whether this account was deleted. */
  isUserDeleted(user: { userId: string }): Promise<boolean>;
  /** Takes an event once per id, in any order. */
  takeClerkEvent(event: ClerkEvent, options: { defaultCredits: number }): Promise<TakenEvent>;
  /** The next step of erasing a deleted account. True: nothing of it is left. */
  continueErasure(user: { userId: string; objectsLeft: boolean }): Promise<boolean>;
}

export function accountOperations(call: Call): AccountOperations {
  return {
    isUserDeleted: ({ userId }) => call('is_user_deleted', { p_user_id: userId }),

    takeClerkEvent: (event, { defaultCredits }) =>
      call('take_clerk_event', {
        p_event: {
          id: event.id,
          type: event.type,
          created_at: event.createdAt,
          user_id: event.userId,
          email: event.email,
          changed_at: event.changedAt,
        },
        p_default_credits: defaultCredits,
      }),

    continueErasure: ({ userId, objectsLeft }) =>
      call('continue_erasure', { p_user_id: userId, p_objects_left: objectsLeft }),
  };
}
