import { isDeepStrictEqual } from 'node:util';
import type { Answer, Call } from './command.ts';
import { compare } from './compare.ts';
import type { Model } from './model.ts';

/** A call and what it was answered. */
export interface Answered {
  call: Call;
  answer: Answer;
}

export type Explanation =
  | { order: Answered[]; model: Model }
  | { order: null /** The order that comes closest, and where it fails. */; closest: string[] };

/**
 * Looks for an order in which these calls, one after the other, give these answers and lead to this state.
 * @param held what somebody else had locked meanwhile.
 */
export function explain(
  start: Model,
  answered: readonly Answered[],
  actual: Model,
  held: readonly string[],
): Explanation {
  let closest: { depth: number; lines: string[] } = { depth: -1, lines: [] };
  const found = search(start, []);
  return found ?? { order: null, closest: closest.lines };

  function search(model: Model, order: Answered[]): Explanation | null {
    if (order.length === answered.length) {
      const differences = compare(model, actual);
      if (differences.length === 0) return { order, model };
      // Of the orders that give all answers, the one whose state is the most alike.
      const depth = order.length + 1 / differences.length;
      if (depth > closest.depth) {
        closest = {
          depth,
          lines: [...order.map(tell), 'gives the answers, but the state differs:', ...differences],
        };
      }
      return null;
    }
    for (const next of answered) {
      if (order.includes(next)) continue;
      const outcomes = next.call.outcomes(model, { answer: next.answer, busy: busyFor(next, model) });
      for (const outcome of outcomes) {
        if (!isDeepStrictEqual(outcome.answer, next.answer)) {
          if (order.length > closest.depth) {
            closest = {
              depth: order.length,
              lines: [
                ...order.map(tell),
                `then ${next.call.name} ${next.call.text} should answer ${JSON.stringify(outcome.answer)}`,
              ],
            };
          }
          continue;
        }
        const explanation = search(outcome.model, [...order, next]);
        if (explanation) return explanation;
      }
    }
    return null;
  }

  function busyFor(one: Answered, model: Model): ReadonlySet<string> {
    const others = answered.filter((other) => other !== one).map(({ call }) => call.locks);
    const all = [model.jobs, model.workers, model.keys].flatMap((rows) => Object.keys(rows));
    return new Set(others.includes(null) ? all : [...held, ...others.flatMap((locks) => locks ?? [])]);
  }
}

export const tell = ({ call, answer }: Answered): string =>
  `${call.name} ${call.text} -> ${JSON.stringify(answer)}`;
