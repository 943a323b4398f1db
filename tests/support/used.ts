import { afterAll, beforeAll, expect } from 'vitest';

interface Audited {
  audit(): Promise<unknown[]>;
  close(): Promise<void>;
}

/**
 * What `open` gives, there once the first test of the file begins, and closed after the last, when an audit finds nothing.
 * Given other hooks, opened and closed by those.
 */
export function usedFor<Opened extends Audited>(
  open: () => Promise<Opened>,
  {
    before = beforeAll,
    after = afterAll,
    timeoutMs,
  }: { before?: Hook; after?: Hook; timeoutMs?: number } = {},
): Opened {
  const opened = {} as Opened;
  before(async () => {
    Object.assign(opened, await open());
  }, timeoutMs);
  after(async () => {
    const audit = await opened.audit?.();
    await opened.close?.();
    expect(audit).toEqual([]);
  }, timeoutMs);
  return opened;
}

type Hook = (work: () => Promise<void>, timeoutMs?: number) => void;
