import type { Failure, FailureCode } from '../job/failure.ts';

/** Why a breaker can be open. */
export type OpeningCode = Extract<FailureCode, 'model_unavailable' | 'rate_limited' | 'provider_unavailable'>;

/** How a call ended for its breaker: `answered` (with or without an image), `abandoned`, never sent, or failed. */
export type CallEnd = 'answered' | 'abandoned' | 'unsent' | Failure;

export type Gate =
  | { open: true; code: OpeningCode; remainingMs: number }
  /** The call may be sent. Call `leave` when it has ended; only the first `leave` has an effect. */
  | { open: false; isProbe: boolean; leave(end: CallEnd): void };

export interface BreakerState {
  state: 'closed' | 'open' | 'half_open';
  /** Why the breaker is open or half open; null when it is closed. */
  code: OpeningCode | null;
  remainingMs: number;
  consecutiveFailures: number;
}

/**
 * Blocks calls to models that would refuse them. There is one breaker per model. An open breaker lets no call through.
 * After an outage a single probe is sent first; other calls follow when it succeeds.
 */
export interface Breakers {
  /** Requests permission to call a model now. */
  enter(model: string): Gate | Promise<Gate>;
  /** Opens the breaker for `ms` from now; never shortens a longer opening. */
  openFor(model: string, ms: number, code?: OpeningCode): void;
  isOpen(model: string): boolean;
  /** Milliseconds until the next call may be tried; 0 when a call may be sent now. */
  remainingMs(model: string): number;
  /** The state of every breaker used so far, by model. */
  states(): Record<string, BreakerState>;
}

/** A change that the result of a call made to the breaker of its model. */
export type BreakerChange =
  | { kind: 'opened'; model: string; code: OpeningCode; ms: number }
  | { kind: 'closed'; model: string; code: OpeningCode };

/** Breakers that decide synchronously, from the state of this process only. */
export interface LocalBreakers extends Breakers {
  enter(model: string): Gate;
  /** Closes the breaker and resets its failure count. */
  close(model: string): void;
}

/** How long a spent quota opens the breaker when the service names no delay. */
export const defaultRateLimitMs = 30_000;

const unavailableModelMs = 5 * 60_000;
const outageMs = 30_000;
const outageAfter = 5;
/** The delay before the next try while another call probes the model. */
export const probePauseMs = 5_000;

/**
 * How long a failure opens its model's breaker: 5 minutes for a missing model, the delay that the service names for a
 * spent quota, 30 s for an outage, which is five failures in a row. Null when the failure does not open the breaker.
 */
export function openingOf(
  failure: Failure,
  consecutiveFailures: number,
): { code: OpeningCode; ms: number } | null {
  switch (failure.code) {
    case 'model_unavailable':
      return { code: failure.code, ms: unavailableModelMs };
    case 'rate_limited':
      return { code: failure.code, ms: failure.retryAfterMs ?? defaultRateLimitMs };
    case 'provider_unavailable':
      return consecutiveFailures >= outageAfter ? { code: failure.code, ms: outageMs } : null;
    default:
      return null;
  }
}

interface Breaker {
  openUntil: number;
  code: OpeningCode | null;
  consecutiveFailures: number;
  probing: boolean;
  /** Incremented by every opening. A call that started before the last opening cannot close the breaker. */
  openings: number;
}

/**
 * Creates the breakers of one process. `now` is in milliseconds and must not run backwards. `onChange` is called for
 * changes caused by calls, not for `openFor` and `close`.
 */
export function createBreakers({
  now,
  onChange = () => undefined,
}: {
  now: () => number;
  onChange?: (change: BreakerChange) => void;
}): LocalBreakers {
  const breakers = new Map<string, Breaker>();

  function breakerOf(model: string): Breaker {
    let breaker = breakers.get(model);
    if (!breaker) {
      breaker = { openUntil: 0, code: null, consecutiveFailures: 0, probing: false, openings: 0 };
      breakers.set(model, breaker);
    }
    return breaker;
  }

  function remaining(breaker: Breaker): number {
    if (breaker.code === null) return 0;
    const left = Math.max(0, breaker.openUntil - now());
    return left === 0 && breaker.probing ? probePauseMs : left;
  }

  function open(breaker: Breaker, code: OpeningCode, ms: number): void {
    const until = now() + ms;
    breaker.openings += 1;
    if (breaker.code !== null && breaker.openUntil > until) return;
    breaker.openUntil = until;
    breaker.code = code;
  }

  function settle(model: string, breaker: Breaker, end: CallEnd, openingsAtStart: number): void {
    if (end === 'abandoned' || end === 'unsent') return;
    const failure = end === 'answered' ? null : end;
    breaker.consecutiveFailures =
      failure?.code === 'provider_unavailable' ? breaker.consecutiveFailures + 1 : 0;
    const opening = failure && openingOf(failure, breaker.consecutiveFailures);
    if (opening) {
      open(breaker, opening.code, opening.ms);
      onChange({ kind: 'opened', model, ...opening });
    } else if (breaker.consecutiveFailures === 0 && breaker.openings === openingsAtStart) {
      const { code } = breaker;
      breaker.code = null;
      if (code !== null) onChange({ kind: 'closed', model, code });
    }
  }

  function stateOf(breaker: Breaker): BreakerState {
    const { code, consecutiveFailures } = breaker;
    const remainingMs = remaining(breaker);
    const isOutage = code === 'provider_unavailable';
    const state = breaker.openUntil > now() && code ? 'open' : isOutage ? 'half_open' : 'closed';
    return { state, code: state === 'closed' ? null : code, remainingMs, consecutiveFailures };
  }

  return {
    enter(model) {
      const breaker = breakerOf(model);
      const remainingMs = remaining(breaker);
      if (breaker.code !== null && remainingMs > 0) return { open: true, code: breaker.code, remainingMs };

      const isProbe = breaker.code === 'provider_unavailable';
      if (isProbe) breaker.probing = true;
      const openingsAtStart = breaker.openings;
      let left = false;
      return {
        open: false,
        isProbe,
        leave(end) {
          if (left) return;
          left = true;
          if (isProbe) breaker.probing = false;
          settle(model, breaker, end, openingsAtStart);
        },
      };
    },
    openFor(model, ms, code = 'rate_limited') {
      const breaker = breakerOf(model);
      open(breaker, code, ms);
      // The failures were counted elsewhere. Count them here too, so that one failed probe opens the breaker again.
      if (code === 'provider_unavailable') {
        breaker.consecutiveFailures = Math.max(breaker.consecutiveFailures, outageAfter);
      }
    },
    close(model) {
      const breaker = breakerOf(model);
      breaker.code = null;
      breaker.openUntil = 0;
      breaker.consecutiveFailures = 0;
    },
    isOpen: (model) => remaining(breakerOf(model)) > 0,
    remainingMs: (model) => remaining(breakerOf(model)),
    states() {
      return Object.fromEntries([...breakers].map(([model, breaker]) => [model, stateOf(breaker)]));
    },
  };
}
