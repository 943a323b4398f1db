import { DatabaseError } from 'pg';
import type { Identity } from '../gateway/authenticate.ts';
import { actAs, type RealtimeDatabase } from './database.ts';

export interface TopicRights {
  /** May join and receive messages. */
  read: boolean;
  /** May send messages. */
  write: boolean;
}

/**
 * Asks the policies of realtime.messages what a subscriber may do on a private topic, as Supabase does: it writes and
 * reads a message of each kind as the subscriber, and rolls back.
 */
export async function authorizeTopic(
  database: RealtimeDatabase,
  identity: Identity,
  topic: string,
): Promise<TopicRights> {
  return database.attempt(async (client) => {
    try {
      const probe = await client.query<{ id: string }>(
        `insert into realtime.messages (topic, extension, private)
         select $1, e, true from unnest(array['broadcast', 'presence']) e returning id`,
        [topic],
      );
      await client.query(`select set_config('realtime.topic', $1, true)`, [topic]);
      await actAs(client, identity);
      const seen = await client.query('select from realtime.messages where id = any ($1::uuid[])', [
        probe.rows.map(({ id }) => id),
      ]);
      const read = (seen.rowCount ?? 0) > 0;
      return { read, write: read && (await mayWrite()) };
    } catch (error) {
      // A missing table, a missing privilege or a failing policy: nothing is allowed.
      if (error instanceof DatabaseError && /^(42|22|P0)/.test(error.code ?? '')) {
        return { read: false, write: false };
      }
      throw error;
    }

    async function mayWrite(): Promise<boolean> {
      try {
        await client.query(
          `insert into realtime.messages (topic, extension, private) values ($1, 'broadcast', true)`,
          [topic],
        );
        return true;
      } catch (error) {
        if (error instanceof DatabaseError && error.code === '42501') return false;
        throw error;
      }
    }
  });
}
