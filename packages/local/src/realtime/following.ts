import { setTimeout as sleep } from 'node:timers/promises';
import type { RealtimeDatabase } from './database.ts';
import type { Hub, Listener } from './hub.ts';
import type { Binding } from './join-config.ts';
import { Refusal } from './refusal.ts';
import type { Stream } from './stream.ts';
import { resolveBinding } from './subscription.ts';

const LONGEST_WAIT_MS = 20_000;
const RETRY_MS = 2_000;
const RETRY_WHILE_WAITING_MS = 250;

export interface FollowingOptions {
  bindings: readonly Binding[];
  listener: Listener;
  /** Aborted when the channel ends. */
  signal: AbortSignal;
  /** Sends the system message that clients wait for. */
  report: (status: 'ok' | 'error', message: string) => void;
}

/** Subscribes a channel to the changes it requested. */
export interface Following {
  /**
   * Subscribes and informs the client when it is done; retries while the database does not answer. A later call
   * replaces an earlier one.
   */
  follow(): Promise<void>;
  /** The same for a client that waits for the subscription: within `timeoutMs`, or it is refused. */
  start(timeoutMs: number, admit: () => void, refuse: (refusal: Refusal) => void): Promise<void>;
}

export function createFollowing(
  { bindings, listener, signal, report }: FollowingOptions,
  { hub, stream, database, now }: { hub: Hub; stream: Stream; database: RealtimeDatabase; now: () => number },
): Following {
  let round = 0;
  let isStarting = false;
  const begin = () => {
    round += 1;
    const mine = round;
    return () => mine === round && !signal.aborted;
  };
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function subscribe(isCurrent: () => boolean): Promise<void> {
    await stream.live();
    const { role } = listener.identity;
    const subscriptions = await Promise.all(
      bindings.map((binding) => resolveBinding(database, binding, role)),
    );
    if (isCurrent()) hub.subscribe(listener, subscriptions);
  }

  return {
    async follow() {
      if (bindings.length === 0 || isStarting) return;
      for (const isCurrent = begin(); isCurrent(); await pause(RETRY_MS)) {
        try {
          await subscribe(isCurrent);
          if (isCurrent()) report('ok', 'Subscribed to PostgreSQL');
          return;
        } catch (error) {
          if (!isCurrent()) return;
          report('error', error instanceof Error ? error.message : String(error));
          if (error instanceof Refusal) return;
        }
      }
    },
    async start(wantedMs, admit, refuse) {
      const timeoutMs = Math.min(wantedMs, LONGEST_WAIT_MS);
      const deadline = now() + timeoutMs;
      isStarting = true;
      for (const isCurrent = begin(); isCurrent(); await pause(RETRY_WHILE_WAITING_MS)) {
        try {
          await subscribe(isCurrent);
          isStarting = false;
          if (!isCurrent()) return;
          admit();
          report('ok', 'Subscribed to PostgreSQL');
          return;
        } catch (error) {
          if (!isCurrent()) return;
          if (error instanceof Refusal) return refuse(error);
          if (now() >= deadline) return refuse(tooLate(timeoutMs));
        }
      }
    },
  };
}

function tooLate(timeoutMs: number): Refusal {
  return new Refusal(
    'PostgresChangesSubscribeTimeout',
    `Timed out after ${timeoutMs}ms waiting for the postgres_changes subscription`,
  );
}
