import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test } from 'vitest';
import { openProbes } from '../probes.ts';
import { money } from './money.ts';

const report = { unresolved_events: 0 };

function check(audit: () => Promise<never>) {
  const probes = openProbes({ env: {}, fetch: globalThis.fetch, now: () => 0, timeoutMs: 1 });
  const database = async () => ({ answer: { kind: 'server', report } as never, at: 0, within: 0 });
  return money({ ...probes, database, audit }).run();
}

test('an audit that times out is a warning, not an error', async () => {
  const { findings } = await check(() => Promise.reject(new DatabaseUnavailable('timed out')));
  expect(findings).toMatchObject([
    { severity: 'warning', where: 'credit_audit', remedy: expect.stringContaining('ops audit') },
  ]);
});

test('any other error of the audit is passed on', async () => {
  await expect(check(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
