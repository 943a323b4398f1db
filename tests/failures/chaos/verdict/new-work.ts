import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '@darkroom/core/job/job';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import type { Deployment } from '../deployment/start.ts';
import { createClient } from '../load/client.ts';
import type { History, Intent } from '../load/history.ts';
import type { Random } from '../random.ts';

export interface NewWork {
  /** Until `wanted` new jobs were completed, in milliseconds; null when they were not. */
  tookMs: number | null;
  asked: number;
}

/**
 * Asks for new images, one a second, until `wanted` of them are there or `withinMs` is over. Nobody restarts
 * anything meanwhile. A single one may still fail, by a breaker that the storm has opened.
 */
export async function tryNewWork(
  deployment: Deployment,
  options: { history: History; random: Random; name: string; wanted: number; withinMs: number },
): Promise<NewWork> {
  const { history, random, name, wanted, withinMs } = options;
  const keys = await loadKeys(deployment.clerkFolder);
  const from = performance.now();
  const over = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(withinMs), over.signal]);
  const apis = () => deployment.apis.members.map(({ url }) => url);
  const client = createClient({ apis, history, random, signal });
  let asked = 0;
  let completed = 0;

  async function tryOne(): Promise<void> {
    const tag = `#${name}-after-${++asked}#`;
    const userId = `user_local_${name}after${asked}`;
    const token = await mintToken(keys, { userId, issuer: ISSUER });
    const request = { kind: 'plain', body: { prompt: `a lighthouse ${tag}`, metadata: { tag } } };
    const intent = history.intend({ userId, token, key: tag, tag, request });
    if ((await client.submit(intent)) === 'accepted' && (await isCompleted(intent))) completed += 1;
    if (completed >= wanted) over.abort();
  }

  async function isCompleted(intent: Intent): Promise<boolean> {
    while (!signal.aborted) {
      const job = await client.read(intent);
      if (job && isTerminal(job.status)) return job.status === 'completed';
      await pause(300);
    }
    return false;
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  const tries: Promise<void>[] = [];
  while (!signal.aborted) {
    tries.push(tryOne());
    await pause(1_000);
  }
  await Promise.all(tries);
  return { tookMs: completed >= wanted ? Math.round(performance.now() - from) : null, asked };
}
