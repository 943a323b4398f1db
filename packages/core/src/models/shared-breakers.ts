import type { Coordination } from '../queue/coordination.ts';
import { QueueUnavailable } from '../queue/queue.ts';
import type { Log } from '../runtime/log/log.ts';
import { type BreakerChange, type Breakers, type LocalBreakers, probePauseMs } from './breaker.ts';
import {
  countWorkers,
  type Opening,
  openingKey,
  presenceKey,
  probeKey,
  readOpening,
} from './breaker-values.ts';

export interface SharedBreakers extends Breakers {
  /** Reads the values that other workers have shared. Ignores that coordination is unavailable. */
  refresh(): Promise<void>;
  /** The number of workers last seen, this one included. */
  readonly workers: number;
  start(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

const refreshEveryMs = 500;
/** A worker that has not renewed its presence for this long counts as gone. */
const presenceMs = 5_000;
const presenceEveryMs = 1_500;
/** How long calls are probed one at a time after an outage. If no probe ends within this time, all calls go through. */
const outageTailMs = 2 * 60_000;

/**
 * Breakers shared by all workers of an account. A change by one worker reaches the others within a second, and after an
 * outage one worker at a time probes. Every shared value expires, so a worker that dies blocks no model for longer than
 * it would have done alive. While coordination is unavailable, each worker uses its own breakers.
 */
export function createSharedBreakers(deps: {
  /** Creates the breakers of this worker; they call `onChange` for changes caused by calls. */
  createLocal: (onChange: (change: BreakerChange) => void) => LocalBreakers;
  coordination: Pick<Coordination, 'setValue' | 'listValues' | 'deleteValues'>;
  account: string;
  /** A random id of this process. */
  owner: string;
  /** A probe that has not ended after this many milliseconds counts as lost. */
  maxProbeMs: number;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
}): SharedBreakers {
  const { coordination, account, owner, maxProbeMs, log, now } = deps;
  const local = deps.createLocal(publish);
  const presence = presenceKey(account, owner);
  /** The shared openings as last read, by key. */
  let known = new Map<string, Opening>();
  /** When this worker last published a change, by model. */
  const publishedAt = new Map<string, number>();
  let workers = 1;
  let presentAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function publish(change: BreakerChange): void {
    const { model, code } = change;
    publishedAt.set(model, now());
    if (change.kind === 'opened') {
      log.fact('breaker_opened', { model, code, ms: change.ms });
      const tailMs = code === 'provider_unavailable' ? outageTailMs : 0;
      const opening: Opening = { account, model, code, tailMs };
      const options = { ttlMs: change.ms + tailMs, if: 'longer' } as const;
      void nullIfUnavailable(coordination.setValue(openingKey(opening), JSON.stringify(opening), options));
    } else {
      log.fact('breaker_closed', { model, code });
      const key = openingKey({ account, model, code });
      known.delete(key);
      void nullIfUnavailable(coordination.deleteValues([{ key }]));
    }
  }

  async function refresh(): Promise<void> {
    const startedAt = now();
    const values = await nullIfUnavailable(coordination.listValues());
    if (!values) return;
    workers = Math.max(1, countWorkers(values, account));
    const openings = new Map<string, Opening>();
    for (const value of values) {
      const opening = readOpening(value);
      if (opening?.account !== account) continue;
      openings.set(value.key, opening);
      if (!publishedSince(opening.model, startedAt)) adopt(opening, value.remainingMs);
    }
    // Without our own presence, the server lost its values or this worker paused too long. Local breakers then expire.
    if (values.some(({ key }) => key === presence)) closeDeleted(openings, startedAt);
    known = openings;
    if (startedAt - presentAt >= presenceEveryMs) {
      presentAt = startedAt;
      await nullIfUnavailable(coordination.setValue(presence, '', { ttlMs: presenceMs, if: 'always' }));
    }
  }

  function publishedSince(model: string, time: number): boolean {
    return (publishedAt.get(model) ?? Number.NEGATIVE_INFINITY) >= time;
  }

  /** Closes the breaker of a model once its last shared opening is gone. */
  function closeDeleted(openings: ReadonlyMap<string, Opening>, startedAt: number): void {
    const open = new Set([...openings.values()].map(({ model }) => model));
    for (const { model } of known.values()) {
      if (!open.has(model) && !publishedSince(model, startedAt)) local.close(model);
    }
  }

  function adopt({ model, code, tailMs }: Opening, valueMs: number): void {
    const openMs = valueMs - tailMs;
    const isNew = !known.has(openingKey({ account, model, code }));
    // The remaining time of a known opening differs by a few milliseconds between clocks.
    if (openMs > local.remainingMs(model) + 100 || (openMs <= 0 && isNew)) {
      local.openFor(model, Math.max(0, openMs), code);
    }
  }

  return {
    async enter(model) {
      const gate = local.enter(model);
      if (gate.open || !gate.isProbe) return gate;
      const probe = { key: probeKey(account, model), value: owner };
      const isOurs = await nullIfUnavailable(
        coordination.setValue(probe.key, probe.value, { ttlMs: maxProbeMs, if: 'absent' }),
      );
      if (isOurs === false) {
        gate.leave('abandoned');
        return { open: true, code: 'provider_unavailable', remainingMs: probePauseMs };
      }
      return {
        ...gate,
        leave(end) {
          gate.leave(end);
          void nullIfUnavailable(coordination.deleteValues([probe]));
        },
      };
    },
    openFor: local.openFor,
    isOpen: local.isOpen,
    remainingMs: local.remainingMs,
    states: local.states,
    refresh,
    get workers() {
      return workers;
    },
    start() {
      const repeat = async () => {
        await refresh();
        if (!closed) timer = setTimeout(repeat, refreshEveryMs);
      };
      void repeat();
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await nullIfUnavailable(coordination.deleteValues([{ key: presence }]));
    },
  };
}

async function nullIfUnavailable<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  }
}
