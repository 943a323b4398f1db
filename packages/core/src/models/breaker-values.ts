import type { StoredValue } from '../queue/coordination.ts';
import type { OpeningCode } from './breaker.ts';

/**
 * An open breaker as workers share it through coordination. The value outlives the opening by `tailMs`; during that time
 * calls are probed one by one.
 */
export interface Opening {
  account: string;
  model: string;
  code: OpeningCode;
  tailMs: number;
}

const openingPrefix = 'breaker/';

export function openingKey({ account, model, code }: Omit<Opening, 'tailMs'>): string {
  return `${openingPrefix}${account}/${code}/${model}`;
}

/** The key that one worker sets while it probes a model. */
export function probeKey(account: string, model: string): string {
  return `probe/${account}/${model}`;
}

/** The key that a running worker keeps set. */
export function presenceKey(account: string, owner: string): string {
  return `worker/${account}/${owner}`;
}

/** How many workers are present: of one account, or of all. */
export function countWorkers(values: readonly StoredValue[], account?: string): number {
  const prefix = account === undefined ? 'worker/' : presenceKey(account, '');
  return values.filter(({ key }) => key.startsWith(prefix)).length;
}

/** Reads an opening; null for anything else, since other clients of the server may write any value. */
export function readOpening({ key, value }: StoredValue): Opening | null {
  if (!key.startsWith(openingPrefix)) return null;
  try {
    const { account, model, code, tailMs } = JSON.parse(value) as Partial<Opening>;
    if (typeof account !== 'string' || typeof model !== 'string') return null;
    if (typeof tailMs !== 'number' || code === undefined) return null;
    return openingKey({ account, model, code }) === key ? { account, model, code, tailMs } : null;
  } catch {
    return null;
  }
}
