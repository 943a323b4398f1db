import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { ClaimedWebhook } from '@darkroom/db/webhooks/webhooks';
import type { Dependency } from '../health/dependency.ts';
import type { DeliverWebhook } from './deliver.ts';

export interface WebhookSenderDeps {
  db: Pick<Database, 'claimWebhooks'>;
  deliver: DeliverWebhook;
  database: Dependency;
  log: Log;
  random: () => number;
  limits?: WebhookSenderLimits;
}

export interface WebhookSenderLimits {
  /** Webhook deliveries in flight in this process. */
  concurrency: number;
  /** Retries among them, so that receivers that are down leave room for the others. */
  retries: number;
  /** In flight to one host and port. */
  perHost: number;
}

export interface WebhookSender {
  start(): void;
  /** Polls now instead of within two seconds. */
  pollNow(): void;
  /** Claims no further webhooks and waits for those in flight, at most `graceMs`; then aborts them. Idempotent. */
  stop(options: { graceMs: number }): Promise<void>;
}

const defaultLimits: WebhookSenderLimits = { concurrency: 32, retries: 16, perHost: 4 };

/** Between two polls while nothing is due. */
const pollEveryMs = { min: 1_000, max: 2_000 };

/**
 * Sends webhooks as they become due. The rows are the queue: any number of processes claim from them, each row is with one
 * process at a time, and a slow or dead receiver does not delay the others.
 */
export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const { db, deliver, database, log, random, limits = defaultLimits } = deps;
  const inFlight = new Map<string, { host: string; isRetry: boolean; done: Promise<void> }>();
  const aborting = new AbortController();
  let state: 'new' | 'started' | 'stopped' = 'new';
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> | undefined;
  let pollAgain = false;
  let stopped: Promise<void> | undefined;

  return {
    start() {
      if (state !== 'new') return;
      state = 'started';
      schedule();
    },
    pollNow,
    stop({ graceMs }) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };

  function schedule(): void {
    clearTimeout(timer);
    if (state === 'started')
      timer = setTimeout(pollNow, pollEveryMs.min + random() * (pollEveryMs.max - pollEveryMs.min));
  }

  function pollNow(): void {
    if (state !== 'started') return;
    pollAgain = true;
    polling ??= poll().finally(() => {
      polling = undefined;
      if (pollAgain && inFlight.size < limits.concurrency) pollNow();
      else schedule();
    });
  }

  async function poll(): Promise<void> {
    try {
      while (pollAgain && state === 'started' && inFlight.size < limits.concurrency) {
        pollAgain = false;
        const claimed = await db.claimWebhooks(capacity());
        for (const webhook of claimed) send(webhook);
        // More may be due than one claim returned.
        if (claimed.length > 0) pollAgain = true;
      }
      database.up();
    } catch (error) {
      if (error instanceof DatabaseUnavailable) database.down(error);
      else log.fact('unexpected_error', { error });
    }
  }

  function capacity(): Parameters<Database['claimWebhooks']>[0] {
    const current = [...inFlight.values()];
    const busy: Record<string, number> = {};
    for (const { host } of current) busy[host] = (busy[host] ?? 0) + 1;
    const retries = current.filter(({ isRetry }) => isRetry).length;
    return {
      limit: limits.concurrency - current.length,
      again: Math.max(0, limits.retries - retries),
      perHost: limits.perHost,
      busy,
    };
  }

  /** A webhook whose claim expired can be in flight twice, so the attempt is part of the key. */
  function send(webhook: ClaimedWebhook): void {
    const { id, attempt, host } = webhook;
    const key = `${id} ${attempt}`;
    const done = deliver(webhook, aborting.signal)
      .catch((error: unknown) => {
        if (error instanceof DatabaseUnavailable) database.down(error);
        else log.fact('unexpected_error', { error, webhook_id: id });
      })
      .finally(() => {
        const wasFull = isFull(host);
        inFlight.delete(key);
        if (wasFull) pollNow();
      });
    inFlight.set(key, { host, isRetry: attempt > 1, done });
  }

  /** Whether another webhook may be waiting for the slot of one to this host. */
  function isFull(host: string): boolean {
    const { limit, again, busy } = capacity();
    return limit === 0 || again === 0 || (busy[host] ?? 0) >= limits.perHost;
  }

  async function stop(graceMs: number): Promise<void> {
    state = 'stopped';
    clearTimeout(timer);
    const abortTimer = setTimeout(() => aborting.abort(), graceMs);
    await polling;
    await Promise.all([...inFlight.values()].map(({ done }) => done));
    clearTimeout(abortTimer);
  }
}
