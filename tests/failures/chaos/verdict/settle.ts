import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../deployment/start.ts';
import { type Client, createClient } from '../load/client.ts';
import type { History, Intent } from '../load/history.ts';
import type { Random } from '../random.ts';
import { inBatches } from './in-batches.ts';

/** For reading everything a last time, however busy the machine. */
const lastReadingWithinMs = 600_000;

/**
 * After the storm: asks again, with the same key, for every job whose answer was lost; waits until every job has
 * ended, up to `withinMs`; and lets each client read its jobs a last time. What is missing then, the verdict finds.
 */
export async function settle(
  deployment: Deployment,
  { history, random, withinMs }: { history: History; random: Random; withinMs: number },
): Promise<void> {
  const patience = AbortSignal.timeout(withinMs);
  const apis = () => deployment.apis.members.map(({ url }) => url);
  const client = createClient({ apis, history, random, signal: patience });

  await replay(history.intents.filter(({ outcome }) => outcome === 'unknown'));
  // A request that hung up may have arrived after its repeat was refused.
  await replay(await unaccepted());
  while (!patience.aborted && (await countActive(deployment)) > 0) await sleep(500);
  await readAll(
    createClient({ apis, history, random, signal: AbortSignal.timeout(lastReadingWithinMs) }),
    history,
  );

  async function replay(intents: readonly Intent[]): Promise<void> {
    await inBatches(intents, 16, (intent) => client.submit(intent));
  }

  async function unaccepted(): Promise<Intent[]> {
    const rows = await deployment.query<{ tag: string }>(
      `select metadata ->> 'tag' as tag from image_generation_jobs where managed`,
    );
    const tags = new Set(rows.map(({ tag }) => tag));
    return history.intents.filter(({ tag, outcome }) => outcome !== 'accepted' && tags.has(tag));
  }
}

/** By each user's list; what that does not show, one by one. */
async function readAll(client: Client, history: History): Promise<void> {
  const accepted = history.intents.filter(({ jobId }) => jobId !== null);
  const byUser = Map.groupBy(accepted, ({ userId }) => userId);
  await inBatches([...byUser.values()], 8, (intents) => client.readAll(intents[0]!, intents));
  const unread = accepted.filter((intent) => !history.isOver(intent));
  await inBatches(unread, 8, (intent) => client.read(intent));
}

async function countActive({ query }: Deployment): Promise<number> {
  const [row] = await query<{ count: number }>(
    `select count(*)::int from image_generation_jobs where managed and status in ('pending', 'processing')`,
  );
  return row?.count ?? 0;
}
