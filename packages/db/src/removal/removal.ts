import type { Cleaning, Database } from '../database.ts';
import type { Door } from '../open.ts';

export function cleaningOperations({
  call,
}: Door): Pick<Database, 'takeCleaning' | 'continueErasure' | 'findOrphans' | 'endOrphanTurn'> {
  return {
    async takeCleaning({ limit }) {
      const row: Omit<Cleaning, 'userIds'> & { user_ids: string[] } = await call('claim_removals', {
        p_limit: limit,
      });
      return { keys: row.keys, userIds: row.user_ids, orphans: row.orphans };
    },

    continueErasure: ({ userId, objectsLeft }) =>
      call('continue_erasure', { p_user_id: userId, p_objects_left: objectsLeft }),

    findOrphans: ({ objects }) =>
      call('find_orphans', {
        p_objects: objects.map(({ key, modifiedAt }) => ({ key, modified_at: modifiedAt })),
      }),

    async endOrphanTurn({ after }) {
      await call('end_orphan_turn', { p_after: after });
    },
  };
}
