import { z } from 'zod';

const Rule = z.strictObject({
  /** Only requests of this method. */
  method: z.string().optional(),
  /** Only keys with this text in them. */
  keyMatch: z.string().optional(),
  /** How many requests it strikes; without it, all until `clear`. */
  times: z.number().int().positive().optional(),
  /**
   * `hang` never answers; `unavailable` answers 503; `reset` cuts the connection before anything happened;
   * `lose_answer` does the work and then cuts the connection; `slow` waits `ms` (default 1000) first.
   */
  fault: z.enum(['hang', 'unavailable', 'reset', 'lose_answer', 'slow']),
  ms: z.number().nonnegative().optional(),
});

export type StorageFault = z.infer<typeof Rule>;

export interface StorageFaults {
  /** Rules are tried in the order they were added; the first that fits strikes. */
  add(rule: StorageFault): void;
  clear(): void;
  list(): StorageFault[];
}

/** Rules of what goes wrong, and the one that strikes a given request. */
export function createFaults(): StorageFaults & { strike(method: string, key: string): StorageFault | null } {
  let rules: StorageFault[] = [];
  return {
    add: (rule) => void rules.push(Rule.parse(rule)),
    clear: () => {
      rules = [];
    },
    list: () => rules.map((rule) => ({ ...rule })),
    strike: (method, key) => {
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
