/**
 * What can go wrong with a call, on demand.
 *
 * By program: `faults.add({ model, match, times, fault })`, or from another process, with the API key in
 * `x-goog-api-key`: `POST /faults` with the same as JSON, `GET /faults`, `DELETE /faults`, `GET /calls`.
 *
 * By hand, within a prompt; the words in brackets are not painted:
 *
 *     a fox [fault: 503]                                 every call of this prompt fails
 *     a fox [fault: 404 gemini-nano-banana-2.1]          only that model fails: watch the next one answer
 *     a fox [fault: 503 x2]                              the first two calls fail
 *     a fox [fault: blocked]  [fault: blocked IMAGE_SAFETY]  [fault: finish NO_IMAGE]
 *     a fox [fault: rate_limited 5s]  [fault: rate_limited per_day]  [fault: hang]
 *     a fox [latency: 4s]                                takes its time, then answers
 *
 * A fault's name is its `kind` below; 400, 401, 403, 404, 429, 500, 502, 503 and 504 work as well.
 */
import { z } from 'zod';

export const Fault = z.discriminatedUnion('kind', [
  /** 404: the model is gone. */
  z.strictObject({ kind: z.literal('not_found') }),
  /** 429 with QuotaFailure and RetryInfo; `retryDelayMs` null leaves RetryInfo and all other details out. */
  z.strictObject({
    kind: z.literal('rate_limited'),
    retryDelayMs: z.number().nonnegative().nullable().optional(),
    perDay: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('internal') }),
  z.strictObject({ kind: z.literal('unavailable') }),
  /** 502 with a page of HTML, as a proxy on the way would answer. */
  z.strictObject({ kind: z.literal('bad_gateway_html') }),
  z.strictObject({ kind: z.literal('deadline') }),
  z.strictObject({ kind: z.literal('invalid_argument') }),
  z.strictObject({ kind: z.literal('api_key_invalid') }),
  z.strictObject({ kind: z.literal('failed_precondition') }),
  z.strictObject({ kind: z.literal('permission_denied') }),
  z.strictObject({ kind: z.literal('unauthenticated') }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Answers a byte now and then, and never ends. */
  z.strictObject({ kind: z.literal('drip'), intervalMs: z.number().positive().optional() }),
  /** Cuts the connection instead of answering. */
  z.strictObject({ kind: z.literal('reset') }),
  /** 200, no candidates, `promptFeedback.blockReason` (default PROHIBITED_CONTENT). */
  z.strictObject({ kind: z.literal('blocked'), reason: z.string().optional() }),
  /** 200, a candidate that ended for this reason, without an image. */
  z.strictObject({ kind: z.literal('finish'), reason: z.string() }),
  /** 200, finished as usual, but with words instead of an image. */
  z.strictObject({ kind: z.literal('text_only') }),
  z.strictObject({ kind: z.literal('no_candidates') }),
  /** A draft image among the thoughts before the real one: only the last is to be taken. */
  z.strictObject({ kind: z.literal('thought_parts') }),
  /** Nothing but thoughts, a draft image among them. */
  z.strictObject({ kind: z.literal('only_thoughts') }),
  /** The image's bytes end in the middle. */
  z.strictObject({ kind: z.literal('truncated') }),
  z.strictObject({ kind: z.literal('not_an_image') }),
  /** Says PNG and is JPEG, or the other way round. */
  z.strictObject({ kind: z.literal('wrong_mime') }),
  z.strictObject({ kind: z.literal('empty_body') }),
  z.strictObject({ kind: z.literal('broken_json') }),
  /** Waits, then goes on to the next rule that fits, or answers. */
  z.strictObject({ kind: z.literal('latency'), ms: z.number().nonnegative() }),
]);

export type Fault = z.infer<typeof Fault>;

const Rule = z.strictObject({
  /** Only calls of this model. */
  model: z.string().optional(),
  /** Only prompts with this text in them. */
  match: z.string().optional(),
  /** How many calls it strikes; without it, all until `clear`. */
  times: z.number().int().positive().optional(),
  fault: Fault,
});

export type FaultRule = z.infer<typeof Rule>;

export interface FaultControl {
  /** Rules are tried in the order they were added; the first that fits strikes. @throws for a malformed rule. */
  add(rule: FaultRule): void;
  clear(): void;
  list(): FaultRule[];
}

export function createFaults(): FaultControl & { strike(model: string, prompt: string): Fault[] } {
  let rules: FaultRule[] = [];

  /** All latencies up to and with the first fault of another kind that fits. */
  function strike(model: string, prompt: string): Fault[] {
    const struck: Fault[] = [];
    for (const rule of [...rules]) {
      if ((rule.model ?? model) !== model || !prompt.includes(rule.match ?? '')) continue;
      useUp(rule);
      struck.push(rule.fault);
      if (rule.fault.kind !== 'latency') break;
    }
    return struck;
  }

  function useUp(rule: FaultRule): void {
    if (rule.times === undefined) return;
    rule.times -= 1;
    if (rule.times === 0) rules = rules.filter((one) => one !== rule);
  }

  return {
    add: (rule) => void rules.push(Rule.parse(rule)),
    clear: () => {
      rules = [];
    },
    list: () => structuredClone(rules),
    strike,
  };
}
