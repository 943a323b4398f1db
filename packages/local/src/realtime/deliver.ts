import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import type { Change } from './change.ts';
import { changeMessage, errorMessage, obstacle } from './change-message.ts';
import { matches } from './condition.ts';
import type { RealtimeDatabase } from './database.ts';
import type { Hub, Listener } from './hub.ts';
import { type ReadChange, readChanges } from './read-changes.ts';
import { readSnapshot } from './snapshot.ts';
import type { Describe, Table } from './table.ts';
import { visibleRows } from './visible-rows.ts';

const LOOK_AGAIN_MS = 2;

/** A message with its position in the order of the commits. */
interface Sending {
  at: number;
  send: () => void;
}

/**
 * Sends a batch of changes, in the order of the commits, to the subscribers that may see them, once the commits are
 * visible. For each subscriber the rows are selected once a batch, in their current state.
 * @throws when the database cannot be reached; then nothing of the batch was sent.
 */
export async function deliver(
  batch: readonly Change[],
  { hub, database, describe }: { hub: Hub; database: RealtimeDatabase; describe: Describe },
): Promise<void> {
  await untilReadable(batch, database);
  const sendings = broadcasts(batch, hub);
  const tables = Map.groupBy(batch.entries(), ([, { schema, table }]) => JSON.stringify([schema, table]));
  for (const changes of tables.values()) {
    const [, latest] = changes.at(-1)!;
    if ([...hub.subscribersOf(latest.schema, latest.table)].length === 0) continue;
    const table = await describe(latest);
    if (!table) continue;
    sendings.push(...(await ofTable(await readChanges(database, table, changes), table, hub, database)));
  }
  for (const { send } of sendings.toSorted((a, b) => a.at - b.at)) send();
}

/** A commit is in the WAL shortly before it is visible; until then its rows would seem hidden. */
async function untilReadable(batch: readonly Change[], database: RealtimeDatabase): Promise<void> {
  const xids = new Set(batch.map(({ xid }) => xid));
  for (;;) {
    const [row] = await database.query<{ now: string }>('select pg_current_snapshot()::text as now');
    const snapshot = readSnapshot(row!.now);
    for (const xid of xids) if (snapshot.sees(xid)) xids.delete(xid);
    if (xids.size === 0) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Turns a row of realtime.messages into a message on its topic. */
function broadcasts(batch: readonly Change[], hub: Hub): Sending[] {
  return [...batch.entries()].flatMap(([at, { schema, table, type, new: row }]) => {
    const isMessage = schema === 'realtime' && table === 'messages' && type === 'INSERT';
    if (!isMessage || row?.extension !== 'broadcast') return [];
    const { topic, event, payload, id } = row;
    const broadcast = { event: event ?? '', payload: JSON.parse(payload ?? 'null'), meta: { id } };
    const send = () => {
      for (const listener of hub.onTopic(topic ?? '', row.private === 't')) listener.hear(broadcast);
    };
    return [{ at, send }];
  });
}

/** A change that a listener subscribed to, with the ids of the subscriptions it fits. */
interface Wish {
  change: ReadChange;
  listener: Listener;
  ids: number[];
}

async function ofTable(
  changes: ReadChange[],
  table: Table,
  hub: Hub,
  database: RealtimeDatabase,
): Promise<Sending[]> {
  const wishes = changes.flatMap((change) => wishesFor(change, table, hub));
  const sendings: Sending[] = [];
  for (const same of Map.groupBy(wishes, ({ listener }) => identityOf(listener)).values()) {
    const answer = await answers(same, table, database);
    for (const { change, listener, ids } of same) {
      const data = answer(change);
      if (data)
        sendings.push({ at: change.at, send: () => listener.push('postgres_changes', { ids, data }) });
    }
  }
  return sendings;
}

/** A deleted row is compared by its replica identity. */
function wishesFor(change: ReadChange, { schema, name }: Table, hub: Hub): Wish[] {
  const ids = new Map<Listener, number[]>();
  const row = change.record ?? change.oldRecord ?? {};
  for (const [listener, { id, event, conditions }] of hub.subscribersOf(schema, name)) {
    if (event !== '*' && event !== change.type) continue;
    if (matches(row, conditions)) ids.set(listener, [...(ids.get(listener) ?? []), id]);
  }
  return [...ids].map(([listener, found]) => ({ change, listener, ids: found }));
}

function identityOf({ identity }: Listener): string {
  return `${identity.role} ${identity.claims}`;
}

/** The messages for listeners of one identity; none for rows that they cannot see. */
async function answers(
  wishes: Wish[],
  table: Table,
  database: RealtimeDatabase,
): Promise<(change: ReadChange) => object | null> {
  const { identity } = wishes[0]!.listener;
  const problem = obstacle(table, identity.role);
  const isChecked = ({ record }: ReadChange) => table.hasRowSecurity && record !== null && !problem;
  const checked = [...new Set(wishes.map(({ change }) => change))].filter(isChecked);
  const seen = await look(checked);
  return (change) => {
    if (problem && change.type !== 'DELETE') return errorMessage(change, table, problem);
    if (seen === 'failed' && isChecked(change)) {
      return errorMessage(change, table, 'Error 500: Internal Server Error, RLS policy evaluation failed');
    }
    if (seen !== 'failed' && isChecked(change) && !seen.has(change)) return null;
    return changeMessage(change, table, identity.role);
  };

  async function look(rows: ReadChange[]): Promise<Set<ReadChange> | 'failed'> {
    if (rows.length === 0) return new Set();
    try {
      const visible = await visibleRows(
        database,
        table,
        identity,
        rows.map(({ record }) => record!),
      );
      return new Set(rows.filter((_, at) => visible.has(at)));
    } catch (error) {
      // Any other class means that the database is going away, not that a policy failed.
      if (error instanceof DatabaseError && /^(2|42|P0)/.test(error.code ?? '')) return 'failed';
      throw error;
    }
  }
}
