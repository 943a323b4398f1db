import type { Image } from '../image/image.ts';
import type { Inspection } from '../image/inspect.ts';
import { type Failure, failures, triesNextModel } from '../job/failure.ts';
import type { ModelCall } from '../job/outcome.ts';
import type { Breakers, Gate } from './breaker.ts';
import type { ImageModel, ImageRequest } from './model.ts';
import { type ModelFailure, pickFailure } from './pick-failure.ts';

export interface ChainDeps {
  model: ImageModel;
  breakers: Breakers;
  /** Monotonic, in milliseconds; {@link ChainRun.deadlineAt} uses the same clock. */
  now: () => number;
  /** Decodes the bytes that the model returned, and may also make the thumbnail. */
  inspect: (bytes: Buffer) => Promise<Inspection>;
}

export interface ChainRequest extends Omit<ImageRequest, 'model'> {
  /** The models to try, in order. */
  models: readonly string[];
}

export interface ChainRun {
  signal: AbortSignal;
  /** When the job must have ended, on the clock of {@link ChainDeps.now}. */
  deadlineAt: number;
  modelTimeoutMs: number;
  attempt: number;
  /** Counts a call in the database before it is sent. With any other answer than a number, the call is not sent. */
  beforeCall(model: string): Promise<{ call: number } | 'budget_spent' | 'lost'>;
  /** Called just before a call is sent. */
  onCall?(model: string): void;
  /** Called when a call has ended, including an aborted call (`canceled`). */
  onCallEnd?(call: ModelCall): void;
}

/** An image that was decoded, with its detected type and size. */
export type RenderedImage = Image & { width: number; height: number; thumbnail?: Image };

export type ChainResult = { calls: ModelCall[] } & (
  | { ok: true; image: RenderedImage; model: string }
  | {
      ok: false;
      failure: Failure;
      /** The claim was lost; `failure` has no other information. */
      lost?: boolean;
      /** The job has no calls left, so it cannot run again. */
      callsSpent?: boolean;
    }
);

/** With less time than this before the deadline, no call is sent. */
const shortestCallMs = 1_000;

/**
 * Makes an image with the first model of the chain that succeeds. Skips models whose breaker is open. Repeats a call once
 * where the failure table allows it, but never after a timeout, since that call may have been served and billed. Stops
 * at a failure that another model cannot fix. When all models failed, {@link pickFailure} selects the failure.
 * @throws the signal's reason when it is aborted.
 */
export async function renderWithChain(
  deps: ChainDeps,
  request: ChainRequest,
  run: ChainRun,
): Promise<ChainResult> {
  const calls: ModelCall[] = [];
  const failed: ModelFailure[] = [];
  const work = { deps, request, run, calls };

  for (const model of request.models) {
    const step = await tryModel(model, work);
    switch (step.kind) {
      case 'image':
        return { ok: true, calls, image: step.image, model };
      case 'lost':
        return { ok: false, calls, lost: true, failure: { code: 'canceled', cause: 'the claim was lost' } };
      case 'out_of_time':
        return { ok: false, calls, failure: deadlineExceeded(failed) };
      case 'calls_spent':
        if (step.failure && !triesNextModel(step.failure)) {
          return { ok: false, calls, callsSpent: true, failure: step.failure };
        }
        if (step.failure) failed.push({ model, failure: step.failure });
        return { ok: false, calls, callsSpent: true, failure: withoutCalls(failed) };
      case 'failed':
        if (!triesNextModel(step.failure)) return { ok: false, calls, failure: step.failure };
        failed.push({ model, failure: step.failure });
    }
  }
  if (isTooLate(work)) return { ok: false, calls, failure: deadlineExceeded(failed) };
  return { ok: false, calls, failure: pickFailure(failed) };
}

interface Work {
  deps: ChainDeps;
  request: ChainRequest;
  run: ChainRun;
  calls: ModelCall[];
}

type Step =
  | { kind: 'image'; image: RenderedImage }
  | { kind: 'failed'; failure: Failure; refused?: boolean }
  | { kind: 'lost' }
  | { kind: 'out_of_time' }
  | { kind: 'calls_spent'; failure?: Failure };

async function tryModel(model: string, work: Work): Promise<Step> {
  const first = await callModel(model, work);
  if (first.kind !== 'failed' || first.refused || !isWorthRepeating(first.failure)) return first;

  const second = await callModel(model, work);
  return second.kind === 'calls_spent' ? { ...second, failure: first.failure } : second;
}

function isWorthRepeating(failure: Failure): boolean {
  return failures[failure.code].retrySameModel > 0 && !failure.timedOut;
}

/** Sends one call, if the deadline, the breaker and the budget allow it. */
async function callModel(model: string, work: Work): Promise<Step> {
  const { deps, run } = work;
  run.signal.throwIfAborted();
  if (isTooLate(work)) return { kind: 'out_of_time' };
  const gate = await deps.breakers.enter(model);
  if (gate.open) return { kind: 'failed', refused: true, failure: refusal(gate) };

  try {
    const counted = await run.beforeCall(model);
    if (counted === 'lost') return { kind: 'lost' };
    if (counted === 'budget_spent') return { kind: 'calls_spent' };
    return await sendCall(model, counted.call, gate, work);
  } finally {
    gate.leave('unsent');
  }
}

function isTooLate({ deps, run }: Work): boolean {
  return run.deadlineAt - deps.now() < shortestCallMs;
}

type PassedGate = Extract<Gate, { open: false }>;

async function sendCall(model: string, call: number, gate: PassedGate, work: Work): Promise<Step> {
  const { deps, run, calls } = work;
  run.signal.throwIfAborted();
  const startedAt = deps.now();
  const timeoutMs = Math.min(run.modelTimeoutMs, run.deadlineAt - startedAt);
  if (timeoutMs <= 0) return { kind: 'out_of_time' };

  let code = 'canceled';
  run.onCall?.(model);
  try {
    const answer = await ask(model, timeoutMs, work);
    code = answer.kind === 'image' ? 'ok' : answer.failure.code;
    // The deadline of the job shortened this timeout, so it is not a failure of the model.
    const cutShort = answer.kind === 'failed' && answer.failure.timedOut && timeoutMs < run.modelTimeoutMs;
    gate.leave(cutShort ? 'abandoned' : answer.kind === 'failed' ? answer.failure : 'answered');
    return answer;
  } finally {
    gate.leave('abandoned');
    const ended = { call, attempt: run.attempt, model, code, ms: Math.round(deps.now() - startedAt) };
    calls.push(ended);
    run.onCallEnd?.(ended);
  }
}

async function ask(
  model: string,
  timeoutMs: number,
  { deps, request, run }: Work,
): Promise<Extract<Step, { kind: 'image' | 'failed' }>> {
  const { models: _, ...wanted } = request;
  const answer = await deps.model.generate({ model, ...wanted }, { timeoutMs, signal: run.signal });
  if (!answer.ok) return { kind: 'failed', failure: answer.failure };

  const { bytes } = answer.image;
  const found = await deps.inspect(bytes);
  if (!found.ok) {
    const cause = `${bytes.length} bytes that are no sound image: ${found.reason}`;
    return { kind: 'failed', failure: { code: 'bad_image', cause } };
  }
  const { mimeType, width, height, thumbnail } = found;
  return { kind: 'image', image: { bytes, mimeType, width, height, thumbnail } };
}

function refusal({ code, remainingMs }: Extract<Gate, { open: true }>): Failure {
  const cause = `not called, its breaker is open for another ${remainingMs} ms`;
  return { code, cause, retryAfterMs: remainingMs };
}

function withoutCalls(failed: readonly ModelFailure[]): Failure {
  const spent = 'no model call is left to this job';
  if (failed.length === 0) return { code: 'provider_unavailable', cause: spent };
  const failure = pickFailure(failed);
  return { ...failure, cause: `${spent}; ${failure.cause}` };
}

function deadlineExceeded(failed: readonly ModelFailure[]): Failure {
  const reason = 'no time is left for a model call';
  const cause = failed.length === 0 ? reason : `${reason}; ${pickFailure(failed).cause}`;
  return { code: 'deadline_exceeded', cause };
}
