import type { AuditRow } from '@darkroom/db/database';
import { expect, test } from 'vitest';
import { audit } from './audit.ts';

const row: AuditRow = {
  scope: 'user',
  id: 'alice',
  user_id: 'alice',
  problem: 'balance differs from the ledger',
  expected: '5',
  actual: null,
};

async function run(rows: AuditRow[], { json = false } = {}) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  return { code: await audit({ db: { audit: async () => rows }, print, json }), printed: printed.join('') };
}

test('books in order exit 0', async () => {
  expect(await run([])).toEqual({ code: 0, printed: 'The books are in order.\n' });
  expect(await run([], { json: true })).toEqual({ code: 0, printed: '[]\n' });
});

test('anything wrong is shown as a table, and exits 1', async () => {
  expect(await run([row])).toEqual({
    code: 1,
    printed: [
      'scope  id     user_id  problem                          expected  actual',
      'user   alice  alice    balance differs from the ledger  5         -\n',
    ].join('\n'),
  });
});

test('as JSON, what is wrong is one array', async () => {
  const { code, printed } = await run([row], { json: true });
  expect({ code, rows: JSON.parse(printed) }).toEqual({ code: 1, rows: [row] });
});
