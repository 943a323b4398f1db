/**
 * Faults of a call, on demand.
 *
 * From code: `faults.add({ model, match, times, fault })`. From another process, with the API key in `x-goog-api-key`:
 * `POST /faults` with the same as JSON, `GET /faults`, `DELETE /faults`, `GET /calls`.
 *
 * In a prompt; the words in brackets are not painted:
 *
 *     a fox [fault: 503]                                 every call of this prompt fails
 *     a fox [fault: 404 gemini-nano-banana-2.1]          only that model fails: the next one answers
 *     a fox [fault: 503 x2]                              the first two calls fail
 *     a fox [fault: blocked]  [fault: blocked IMAGE_SAFETY]  [fault: finish NO_IMAGE]
 *     a fox [fault: rate_limited 5s]  [fault: rate_limited per_day]  [fault: hang]
 *     a fox [latency: 4s]                                waits, then answers
 *
 * The name of a fault is its `kind` below, or one of 400, 401, 403, 404, 429, 500, 502, 503 and 504.
 */
import { z } from 'zod';

export const Fault = z.discriminatedUnion('kind', [
  /** 404: the model does not exist. */
  z.strictObject({ kind: z.literal('not_found') }),
  /** 429 with QuotaFailure and RetryInfo; `retryDelayMs: null` leaves out all details. */
  z.strictObject({
    kind: z.literal('rate_limited'),
    retryDelayMs: z.number().nonnegative().nullable().optional(),
    perDay: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('internal') }),
  z.strictObject({ kind: z.literal('unavailable') }),
  /** 502 with an HTML page, as from a proxy. */
  z.strictObject({ kind: z.literal('bad_gateway_html') }),
  z.strictObject({ kind: z.literal('deadline') }),
  z.strictObject({ kind: z.literal('invalid_argument') }),
  z.strictObject({ kind: z.literal('api_key_invalid') }),
  z.strictObject({ kind: z.literal('failed_precondition') }),
  z.strictObject({ kind: z.literal('permission_denied') }),
  z.strictObject({ kind: z.literal('unauthenticated') }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Sends a byte now and then, and never ends. */
  z.strictObject({ kind: z.literal('drip'), intervalMs: z.number().positive().optional() }),
  /** Resets the connection instead of answering. */
  z.strictObject({ kind: z.literal('reset') }),
  /** 200, no candidates, `promptFeedback.blockReason` (default PROHIBITED_CONTENT). */
  z.strictObject({ kind: z.literal('blocked'), reason: z.string().optional() }),
  /** 200, a candidate with this finishReason and without an image. */
  z.strictObject({ kind: z.literal('finish'), reason: z.string() }),
  /** 200, finished as usual, but with text instead of an image. */
  z.strictObject({ kind: z.literal('text_only') }),
  z.strictObject({ kind: z.literal('no_candidates') }),
  /** A draft image among the thoughts before the real image. */
  z.strictObject({ kind: z.literal('thought_parts') }),
  /** Only thoughts, with a draft image among them. */
  z.strictObject({ kind: z.literal('only_thoughts') }),
  /** Only the first half of the image. */
  z.strictObject({ kind: z.literal('truncated') }),
  z.strictObject({ kind: z.literal('not_an_image') }),
  /** The MIME type says PNG for a JPEG, or the reverse. */
  z.strictObject({ kind: z.literal('wrong_mime') }),
  z.strictObject({ kind: z.literal('empty_body') }),
  z.strictObject({ kind: z.literal('broken_json') }),
  /** Waits, then applies the next matching rule, or answers. */
  z.strictObject({ kind: z.literal('latency'), ms: z.number().nonnegative() }),
]);

export type Fault = z.infer<typeof Fault>;

const Rule = z.strictObject({
  /** Only calls of this model. */
  model: z.string().optional(),
  /** Only prompts that contain this text. */
  match: z.string().optional(),
  /** For how many calls; default: all until `clear`. */
  times: z.number().int().positive().optional(),
  fault: Fault,
});

export type FaultRule = z.infer<typeof Rule>;

export interface FaultControl {
  /** The first matching rule, in the order of adding, is applied. @throws for a malformed rule. */
  add(rule: FaultRule): void;
  clear(): void;
  list(): FaultRule[];
}

export function createFaults(): FaultControl & { take(model: string, prompt: string): Fault[] } {
  let rules: FaultRule[] = [];

  /** The matching latencies up to the first matching fault of another kind, and that fault. */
  function take(model: string, prompt: string): Fault[] {
    const taken: Fault[] = [];
    for (const rule of [...rules]) {
      if ((rule.model ?? model) !== model || !prompt.includes(rule.match ?? '')) continue;
      useUp(rule);
      taken.push(rule.fault);
      if (rule.fault.kind !== 'latency') break;
    }
    return taken;
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
    take,
  };
}
