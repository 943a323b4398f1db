import type { Call } from '../transport/call.ts';

/** A stored object: its key, and when it was written (ISO 8601). */
export interface StoredObject {
  key: string;
  modifiedAt: string;
}

/** What is to be removed from the store. It is given to one caller at a time, and again later unless confirmed. */
export interface Removals {
  /** Of images whose row is gone: `confirmRemoved`. */
  keys: string[];
  /** Deleted accounts: remove all their objects, then `continueErasure`. */
  userIds: string[];
  /** Where the search for objects that no row names continues, then `endOrphanTurn`; null when it is not this caller's turn. */
  orphans: { after: string | null } | null;
}

export interface RemovalOperations {
  /** What is to be removed from the store now, at most `limit` of each kind. */
  claimRemovals(query: { limit: number }): Promise<Removals>;
  confirmRemoved(objects: { keys: readonly string[] }): Promise<void>;
  /** Which of these objects no row has named for a day or longer. */
  findOrphans(query: { objects: readonly StoredObject[] }): Promise<string[]>;
  /** `after`: where the next turn continues; null at the end of the bucket. */
  endOrphanTurn(turn: { after: string | null }): Promise<void>;
}

export function removalOperations(call: Call): RemovalOperations {
  return {
    async claimRemovals({ limit }) {
      const row: Omit<Removals, 'userIds'> & { user_ids: string[] } = await call('claim_removals', {
        p_limit: limit,
      });
      return { keys: row.keys, userIds: row.user_ids, orphans: row.orphans };
    },

    async confirmRemoved({ keys }) {
      await call('confirm_removed', { p_keys: keys });
    },

    findOrphans: ({ objects }) =>
      call('find_orphans', {
        p_objects: objects.map(({ key, modifiedAt }) => ({ key, modified_at: modifiedAt })),
      }),

    async endOrphanTurn({ after }) {
      await call('end_orphan_turn', { p_after: after });
    },
  };
}
