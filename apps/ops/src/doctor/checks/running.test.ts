import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test } from 'vitest';
import { openParts } from '../parts.ts';
import { money } from './running.ts';

const report = { unresolved_events: 0 };

function check(audit: () => Promise<never>) {
  const parts = openParts({ env: {}, fetch: globalThis.fetch, now: () => 0, timeoutMs: 1 });
  const database = async () => ({ answer: { kind: 'server', report } as never, at: 0, within: 0 });
  return money({ ...parts, database, audit }).run();
}

test('books that take long to read are a warning, not books that are wrong', async () => {
  const { findings } = await check(() => Promise.reject(new DatabaseUnavailable('timed out')));
  expect(findings).toMatchObject([
    { severity: 'warning', where: 'credit_audit', remedy: expect.stringContaining('ops audit') },
  ]);
});

test('any other failure of the audit is told as what it is', async () => {
  await expect(check(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
