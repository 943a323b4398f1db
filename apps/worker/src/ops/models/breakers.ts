/** Whether workers ask a model at present. */
export interface BreakerState {
  state: 'closed' | 'open' | 'half_open';
  /** When an open one is tried again, ISO 8601. */
  until: string | null;
}

/**
 * The breakers of these models, by model; null where they cannot be seen from outside: each worker keeps its own, in
 * its memory. Whoever makes the workers share them gives their state here.
 */
export async function readBreakers(_query: {
  models: readonly string[];
}): Promise<Readonly<Record<string, BreakerState>> | null> {
  return null;
}
