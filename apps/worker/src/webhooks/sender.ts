import type { Log } from '@darkroom/core/runtime/log/log';
import type { ClaimedWebhook, Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Reachability } from '../log/reachability.ts';
import type { Deliver } from './deliver.ts';

export interface NotifierDeps {
  db: Pick<Database, 'claimWebhooks'>;
  deliver: Deliver;
  database: Reachability;
  log: Log;
  random: () => number;
  limits?: NotifierLimits;
}

export interface NotifierLimits {
  /** Webhooks that this process sends at once. */
  atOnce: number;
  /** Of these, those that were tried before: receivers that are down leave room for the others. */
  again: number;
  /** To one host and port. */
  perHost: number;
}

export interface Notifier {
  start(): void;
  /** Looks for what is due at once instead of within a second or two. */
  wake(): void;
  /** Takes no further webhooks and waits for those on their way, at most `graceMs`; then cuts them off. Idempotent. */
  stop(options: { graceMs: number }): Promise<void>;
}

const usual: NotifierLimits = { atOnce: 32, again: 16, perHost: 4 };

/** Between two looks, while nothing is due: in milliseconds, at the least, and how much more at the most. */
const pause = { leastMs: 1_000, moreMs: 1_000 };

/**
 * Sends webhooks as they become due. The rows are the queue: any number of processes claim from them, each row at one
 * of them at a time, and no slow or dead receiver keeps the others waiting.
 */
export function createNotifier(deps: NotifierDeps): Notifier {
  const { db, deliver, database, log, random, limits = usual } = deps;
  const inHand = new Map<string, { host: string; again: boolean; done: Promise<void> }>();
  const cutOff = new AbortController();
  let state: 'new' | 'started' | 'stopped' = 'new';
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let stopped: Promise<void> | undefined;

  return {
    start() {
      if (state !== 'new') return;
      state = 'started';
      schedule();
    },
    wake,
    stop({ graceMs }) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };

  function schedule(): void {
    clearTimeout(timer);
    if (state === 'started') timer = setTimeout(wake, pause.leastMs + random() * pause.moreMs);
  }

  function wake(): void {
    if (state !== 'started') return;
    lookAgain = true;
    looking ??= look().finally(() => {
      looking = undefined;
      if (lookAgain && inHand.size < limits.atOnce) wake();
      else schedule();
    });
  }

  async function look(): Promise<void> {
    try {
      while (lookAgain && state === 'started' && inHand.size < limits.atOnce) {
        lookAgain = false;
        const claimed = await db.claimWebhooks(room());
        for (const webhook of claimed) take(webhook);
        // More may be due than one look was given.
        if (claimed.length > 0) lookAgain = true;
      }
      database.reached();
    } catch (error) {
      if (error instanceof DatabaseUnavailable) database.missed(error);
      else log.fact('unexpected_error', { error });
    }
  }

  function room(): Parameters<Database['claimWebhooks']>[0] {
    const taken = [...inHand.values()];
    const busy: Record<string, number> = {};
    for (const { host } of taken) busy[host] = (busy[host] ?? 0) + 1;
    const again = taken.filter((one) => one.again).length;
    return {
      limit: limits.atOnce - taken.length,
      again: Math.max(0, limits.again - again),
      perHost: limits.perHost,
      busy,
    };
  }

  /** One that is claimed twice has outlived its claim: the later attempt is the one that counts. */
  function take(webhook: ClaimedWebhook): void {
    const { id, attempt, host } = webhook;
    const key = `${id} ${attempt}`;
    const done = deliver(webhook, cutOff.signal)
      .catch((error: unknown) => {
        if (error instanceof DatabaseUnavailable) database.missed(error);
        else log.fact('unexpected_error', { error, webhook_id: id });
      })
      .finally(() => {
        const wasFull = isFull(host);
        inHand.delete(key);
        if (wasFull) wake();
      });
    inHand.set(key, { host, again: attempt > 1, done });
  }

  /** Whether something may be waiting for the place of one that goes to this host. */
  function isFull(host: string): boolean {
    const { limit, again, busy } = room();
    return limit === 0 || again === 0 || (busy[host] ?? 0) >= limits.perHost;
  }

  async function stop(graceMs: number): Promise<void> {
    state = 'stopped';
    clearTimeout(timer);
    const cut = setTimeout(() => cutOff.abort(), graceMs);
    await looking;
    await Promise.all([...inHand.values()].map(({ done }) => done));
    clearTimeout(cut);
  }
}
