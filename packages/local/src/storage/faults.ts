import { z } from 'zod';

const Rule = z.strictObject({
  /** Only requests of this method. */
  method: z.string().optional(),
  /** Only keys that contain this text. */
  keyMatch: z.string().optional(),
  /** For how many requests; default: all until `clear`. */
  times: z.number().int().positive().optional(),
  /**
   * `hang` never answers; `unavailable` answers 503; `reset` resets the connection before doing anything;
   * `lose_answer` does the work and then resets the connection; `slow` waits `ms` (default 1000) first.
   */
  fault: z.enum(['hang', 'unavailable', 'reset', 'lose_answer', 'slow']),
  ms: z.number().nonnegative().optional(),
});

export type StorageFault = z.infer<typeof Rule>;

export interface StorageFaults {
  /** The first matching rule, in the order of adding, is applied. */
  add(rule: StorageFault): void;
  clear(): void;
  list(): StorageFault[];
}

/** The rules for faults, and the one for a given request. */
export function createFaults(): StorageFaults & { take(method: string, key: string): StorageFault | null } {
  let rules: StorageFault[] = [];
  return {
    add: (rule) => void rules.push(Rule.parse(rule)),
    clear: () => {
      rules = [];
    },
    list: () => rules.map((rule) => ({ ...rule })),
    take: (method, key) => {
      const rule = rules.find((one) => (one.method ?? method) === method && key.includes(one.keyMatch ?? ''));
      if (!rule) return null;
      if (rule.times !== undefined) {
        rule.times -= 1;
        if (rule.times === 0) rules = rules.filter((one) => one !== rule);
      }
      return rule;
    },
  };
}
