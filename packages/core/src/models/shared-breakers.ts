import { QueueUnavailable } from '../queue/queue.ts';
import type { Note, Shared } from '../queue/shared.ts';
import type { Log } from '../runtime/log/log.ts';
import type { BreakerChange, Breakers, LocalBreakers, OpeningCode } from './breaker.ts';

export interface SharedBreakers extends Breakers {
  /** Reads what the others know, now. Never fails. */
  refresh(): Promise<void>;
  /** How many workers there are, this one included, as far as is known. */
  readonly workers: number;
  start(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** How an opening is told to the others. The note outlasts an outage by `tailMs`: until then probes go first. */
interface Opening {
  account: string;
  model: string;
  code: OpeningCode;
  tailMs: number;
}

const everyMs = 500;
/** A worker that was not heard of for so long is gone, in milliseconds. */
const presenceMs = 5_000;
const presenceEveryMs = 1_500;
/** For so long after an outage one probe at a time is sent; if none of them ends, calls go freely again. */
const tailMs = 2 * 60_000;
/** How soon to ask again while another's probe is under way. */
const probePauseMs = 5_000;

/**
 * Breakers that all workers share: what one learns of a model, the others know within a second, and after an outage one
 * of them all probes. Every note runs out by itself, so that a worker that dies blocks nothing for longer than it would
 * have itself. While what is shared is away each worker goes by what it knows.
 */
export function createSharedBreakers(deps: {
  /** Creates the breakers of this worker, which tell of what they learn. */
  createLocal: (onChange: (change: BreakerChange) => void) => LocalBreakers;
  shared: Pick<Shared, 'note' | 'notes' | 'erase'>;
  /** Whose quotas these are; workers of another account are none of the others. */
  account: string;
  /** Of this process alone. */
  owner: string;
  /** A probe that is not over after so long counts as lost, in milliseconds. */
  longestProbeMs: number;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
}): SharedBreakers {
  const { shared, account, owner, longestProbeMs, log, now } = deps;
  const local = deps.createLocal(tell);
  const presence = `${workerKey}${account}/${owner}`;
  /** Notes of openings as they were last read, by key. */
  let known = new Map<string, Opening>();
  /** When this worker last told of a model. */
  const toldAt = new Map<string, number>();
  let workers = 1;
  let presentAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function tell(change: BreakerChange): void {
    const { model, code } = change;
    toldAt.set(model, now());
    if (change.kind === 'opened') {
      log.fact('breaker_opened', { model, code, ms: change.ms });
      const tail = code === 'provider_unavailable' ? tailMs : 0;
      const opening: Opening = { account, model, code, tailMs: tail };
      const options = { ttlMs: change.ms + tail, if: 'longer' } as const;
      void away(shared.note(openingKey(opening), JSON.stringify(opening), options));
    } else {
      log.fact('breaker_closed', { model, code });
      known.delete(openingKey({ account, model, code }));
      void away(shared.erase([{ key: openingKey({ account, model, code }) }]));
    }
  }

  async function refresh(): Promise<void> {
    const askedAt = now();
    const notes = await away(shared.notes());
    if (!notes) return;
    workers = Math.max(1, notes.filter(({ key }) => key.startsWith(`${workerKey}${account}/`)).length);
    const read = new Map<string, Opening>();
    for (const note of notes) {
      const opening = readOpening(note);
      if (opening?.account !== account) continue;
      read.set(note.key, opening);
      if ((toldAt.get(opening.model) ?? Number.NEGATIVE_INFINITY) < askedAt) adopt(opening, note.remainingMs);
    }
    // Without our own presence the notes were lost, or we were away for long: then each goes by its own clock.
    if (notes.some(({ key }) => key === presence)) closeErased(read, askedAt);
    known = read;
    if (askedAt - presentAt >= presenceEveryMs) {
      presentAt = askedAt;
      await away(shared.note(presence, '', { ttlMs: presenceMs, if: 'always' }));
    }
  }

  /** A model is asked again once the last note that named it is gone. */
  function closeErased(read: ReadonlyMap<string, Opening>, askedAt: number): void {
    const named = new Set([...read.values()].map(({ model }) => model));
    for (const { model } of known.values()) {
      const toldSince = (toldAt.get(model) ?? Number.NEGATIVE_INFINITY) >= askedAt;
      if (!named.has(model) && !toldSince) local.close(model);
    }
  }

  function adopt({ model, code, tailMs: tail }: Opening, noteMs: number): void {
    const leftMs = noteMs - tail;
    // Of what is known already, only the clocks differ.
    if (
      leftMs > local.remainingMs(model) + 100 ||
      (leftMs <= 0 && !known.has(openingKey({ account, model, code })))
    ) {
      local.openFor(model, Math.max(0, leftMs), code);
    }
  }

  return {
    async enter(model) {
      const gate = local.enter(model);
      if (gate.open || !gate.isProbe) return gate;
      const probe = { key: `${probeKey}${account}/${model}`, value: owner };
      const isOurs = await away(shared.note(probe.key, probe.value, { ttlMs: longestProbeMs, if: 'absent' }));
      if (isOurs === false) {
        gate.leave('abandoned');
        return { open: true, code: 'provider_unavailable', remainingMs: probePauseMs };
      }
      return {
        ...gate,
        leave(end) {
          gate.leave(end);
          void away(shared.erase([probe]));
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
      const turn = async () => {
        await refresh();
        if (!closed) timer = setTimeout(turn, everyMs);
      };
      void turn();
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await away(shared.erase([{ key: presence }]));
    },
  };
}

/** Null while what is shared is away. */
async function away<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  }
}

const openingPrefix = 'breaker/';
const probeKey = 'probe/';
const workerKey = 'worker/';

function openingKey({ account, model, code }: Pick<Opening, 'account' | 'model' | 'code'>): string {
  return `${openingPrefix}${account}/${code}/${model}`;
}

/** Whoever can reach the server may write to it; what is no opening is passed over. */
function readOpening({ key, value }: Note): Opening | null {
  if (!key.startsWith(openingPrefix)) return null;
  try {
    const { account, model, code, tailMs: tail } = JSON.parse(value) as Partial<Opening>;
    if (typeof account !== 'string' || typeof model !== 'string') return null;
    if (typeof tail !== 'number' || code === undefined) return null;
    return openingKey({ account, model, code }) === key ? { account, model, code, tailMs: tail } : null;
  } catch {
    return null;
  }
}

/** An opening as an operator is told of it. */
export interface OpenBreaker {
  model: string;
  code: OpeningCode;
  /** `half_open`: an outage is over as far as time goes, and one call at a time finds out. */
  state: 'open' | 'half_open';
  /** Until calls go again, in milliseconds. */
  remainingMs: number;
}

/**
 * The breakers that workers have told of, and how many workers there are: those of one account, or of all where none is
 * named. @throws QueueUnavailable
 */
export async function readBreakers(
  shared: Pick<Shared, 'notes'>,
  { account }: { account?: string } = {},
): Promise<{ breakers: OpenBreaker[]; workers: number }> {
  const notes = await shared.notes();
  const breakers = notes.flatMap((note): OpenBreaker[] => {
    const opening = readOpening(note);
    if (!opening || (account !== undefined && opening.account !== account)) return [];
    const { model, code, tailMs: tail } = opening;
    const remainingMs = Math.max(0, note.remainingMs - tail);
    return [{ model, code, state: remainingMs > 0 ? 'open' : 'half_open', remainingMs }];
  });
  const worker = account === undefined ? workerKey : `${workerKey}${account}/`;
  return { breakers, workers: notes.filter(({ key }) => key.startsWith(worker)).length };
}
