import type { Log } from '../runtime/log/log.ts';
import { parseQueueUrl } from './location.ts';
import { openPostgresShared } from './postgres/shared.ts';
import { openRedisShared } from './redis/shared.ts';

/**
 * What all processes of a deployment know together, kept by the queue's server under the queue's namespace. Nothing in
 * it must survive: it may be emptied at any moment, and whoever reads it goes on alone while it is away.
 * Times are told by the server's clock alone, so that the clocks of the processes do not matter.
 * Every call fails after the patience at the latest, and at once while an outage is known.
 */
export interface Shared {
  readonly backend: 'redis' | 'postgres';
  /**
   * Counts one more of each key in turn, up to the first that is over what its window may hold. A key's window begins with
   * the first of it. Returns what was counted. @throws QueueUnavailable
   */
  count(counters: readonly Counter[]): Promise<Count[]>;
  /** Takes one of `most` places that are free again `windowMs` after they were taken. @throws QueueUnavailable */
  takePlace(key: string, places: Places): Promise<PlaceAnswer>;
  /** Gives a place back before its window is over: it was not used. @throws QueueUnavailable */
  givePlace(key: string, place: string): Promise<void>;
  /**
   * Leaves a note for `ttlMs`. False, and nothing is written: `if: 'absent'` and there is one, or `if: 'longer'`
   * and the one there lasts longer. @throws QueueUnavailable
   */
  note(
    key: string,
    value: string,
    options: { ttlMs: number; if: 'always' | 'absent' | 'longer' },
  ): Promise<boolean>;
  /** Removes notes, those alone that still hold the value where one is given. @throws QueueUnavailable */
  erase(notes: readonly { key: string; value?: string }[]): Promise<void>;
  /** Every note that has not run out. @throws QueueUnavailable */
  notes(): Promise<Note[]>;
  /** Idempotent; never waits for an unreachable server. */
  close(): Promise<void>;
}

export interface Counter {
  key: string;
  /** More than that is too many; it is counted all the same. */
  most: number;
  /** In whole seconds. */
  seconds: number;
}

export interface Count {
  /** How many there were in this window, this one included. */
  counted: number;
  /** Until the window is over, in milliseconds. */
  resetMs: number;
}

export interface Places {
  most: number;
  windowMs: number;
}

/** `place` names what was taken. `waitMs`: when to come back. Those who are turned away are told different times, as places become free. */
export type PlaceAnswer = { taken: true; place: string } | { taken: false; waitMs: number };

export interface Note {
  key: string;
  value: string;
  remainingMs: number;
}

export interface SharedOptions {
  url: string;
  log: Log;
  /** How long a call may wait for the server, in milliseconds; a quarter of a second unless told. */
  patienceMs?: number;
}

/**
 * Opens what the processes share on the queue's server that `url` names. Does not wait for it.
 * @throws QueueUrlInvalid
 */
export function openShared({ url, log, patienceMs = 250 }: SharedOptions): Shared {
  const location = parseQueueUrl(url);
  const own = { log: log.with({ queue: location.backend, role: 'shared' }), patienceMs };
  return location.backend === 'redis' ? openRedisShared(location, own) : openPostgresShared(location, own);
}
