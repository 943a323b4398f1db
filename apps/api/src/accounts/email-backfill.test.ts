import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { expect, test } from 'vitest';
import { createFakeDatabase } from '../testing/fake-database.ts';
import { createClerkEmail } from './clerk-email.ts';
import { createEmailBackfill } from './email-backfill.ts';

test('a placeholder is replaced by the address from Clerk, which is queried once', async () => {
  const { backfill, db, asked, settled } = start(async () => 'ada@example.com');
  backfill.check('user_ada');
  backfill.check('user_ada');
  await settled();
  expect(db.users.get('user_ada')?.email).toBe('ada@example.com');
  backfill.check('user_ada');
  await settled();
  expect(asked).toEqual(['user_ada']);
});

test('Clerk is not queried for a user whose address is known', async () => {
  const { backfill, db, asked, settled } = start(async () => 'other@example.com');
  const row = { id: 'user_ada', email: 'ada@example.com', credits: 5, created_at: '' };
  backfill.check('user_ada', row);
  backfill.check('user_ada');
  await settled();
  expect(asked).toEqual([]);
  expect(db.calls).toEqual([]);
});

test('a failed lookup is retried a minute later', async () => {
  const clock = { now: 0 };
  const { backfill, asked, settled } = start(async () => {
    throw new Error('unreachable');
  }, clock);
  for (const now of [0, 59_000, 61_000]) {
    clock.now = now;
    backfill.check('user_ada');
    await settled();
  }
  expect(asked).toHaveLength(2);
});

test('close aborts running lookups and starts no more', async () => {
  const { backfill, asked, settled } = start(
    (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  backfill.check('user_ada');
  await settled();
  await backfill.close();
  backfill.check('user_boris');
  await backfill.close();
  expect(asked).toEqual(['user_ada']);
});

test('the address is the verified primary one', async () => {
  const requests: [string, string | null][] = [];
  const email = createClerkEmail({
    secretKey: 'sk_test_x',
    fetch: async (input, init) => {
      requests.push([String(input), new Headers(init?.headers).get('Authorization')]);
      return Response.json({
        primary_email_address_id: 'b',
        email_addresses: [
          { id: 'a', email_address: 'old@example.com', verification: { status: 'verified' } },
          { id: 'b', email_address: 'ada@example.com', verification: { status: 'verified' } },
        ],
      });
    },
  });
  expect(await email('user/1', new AbortController().signal)).toBe('ada@example.com');
  expect(requests).toEqual([['https://api.clerk.com/v1/users/user%2F1', 'Bearer sk_test_x']]);
});

test('an unverified address is ignored, and an error response throws', async () => {
  const answering = (response: Response) =>
    createClerkEmail({ secretKey: 'x', fetch: async () => response })('user_1', new AbortController().signal);
  const unverified = { id: 'b', email_address: 'ada@example.com', verification: { status: 'unverified' } };
  const user = { primary_email_address_id: 'b', email_addresses: [unverified] };
  expect(await answering(Response.json(user))).toBeNull();
  await expect(answering(Response.json({ errors: [] }, { status: 404 }))).rejects.toThrow('404');
});

function start(
  findEmail: (userId: string, signal: AbortSignal) => Promise<string | null>,
  clock: { now: number } = { now: 0 },
) {
  const db = createFakeDatabase();
  const asked: string[] = [];
  const backfill = createEmailBackfill({
    db,
    findEmail: (userId, signal) => {
      asked.push(userId);
      return findEmail(userId, signal);
    },
    defaultCredits: 5,
    log: createRecordedLog(),
    now: () => clock.now,
  });
  /** Every step of the fakes is a microtask. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { backfill, db, asked, settled };
}
