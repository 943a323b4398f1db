import type * as fc from 'fast-check';
import type { Model } from './model.ts';

/** What the database answered, as JSON, or `{refused: SQLSTATE, …}`. */
export type Answer = unknown;

/** A connection, as the server or as a signed-in user of the native app. */
export interface Door {
  /** The first column of the first row. Refusals are answers; any other error is thrown. */
  call(sql: string, values: readonly unknown[]): Promise<Answer>;
  /** The rows of one statement without parameters, in the name of a user. */
  asUser(userId: string, sql: string): Promise<Answer>;
}

export interface Outcome {
  answer: Answer;
  model: Model;
}

/** What the model cannot know: ids that the database makes, and what may be locked by someone else. */
export interface Seen {
  answer: Answer;
  /** Jobs, workers and keys that concurrent calls may have locked: a call with `skip locked` may have skipped them. */
  busy: ReadonlySet<string>;
}

/** One call of the rules, ready to be sent. */
export interface Call {
  /** The function, or what stands for one. */
  name: string;
  /** As it is printed, after the name. */
  text: string;
  /** Jobs, workers and keys whose rows it may lock; null for any. */
  locks: readonly string[] | null;
  send(door: Door): Promise<Answer>;
  /** What the rules allow: one outcome, or several where they leave a choice. */
  outcomes(model: Model, seen: Seen): Outcome[];
  /** How the answer is counted. */
  labels(answer: Answer): string[];
}

export interface Advance {
  advanceMs: number;
}

export type Step = Call | Advance;

/** A kind of thing that can happen. Every choice fits every state: it names "the third job", not an id. */
export interface Command<Choice = any> {
  /** How often, compared with the others. */
  weight: number;
  choice: fc.Arbitrary<Choice>;
  /** What the choice means in this state: no step when there is nothing to do it to. */
  steps(choice: Choice, context: Context): Iterable<Step>;
}

/** The state as it is when a step is about to be taken. */
export interface Context {
  readonly model: Model;
}

export const defineCommand = <Choice>(command: Command<Choice>): Command<Choice> => command;

/** A call that locks nothing, mostly with one outcome, counted by the kind of its answer, unless it says otherwise. */
export function defineCall(call: {
  name: string;
  text: string;
  locks?: readonly string[] | null;
  send(door: Door): Promise<Answer>;
  outcome(model: Model, seen: Seen): Outcome | Outcome[];
  labels?(answer: any): string[];
}): Call {
  return {
    name: call.name,
    text: call.text,
    locks: call.locks ?? [],
    send: call.send,
    outcomes: (model, seen) => [call.outcome(model, seen)].flat(),
    labels: call.labels ?? ((answer) => [labelOf(answer)]),
  };
}

export const refuse = (model: Model, refused: string, detail: object = {}): Outcome => ({
  model,
  answer: { refused, ...detail },
});

function labelOf(answer: any): string {
  return String(
    answer?.refused ?? answer?.kind ?? (typeof answer === 'boolean' || answer === null ? answer : 'done'),
  );
}
