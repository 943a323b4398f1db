import type { Hint } from '@darkroom/core/queue/hints';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { ClaimAnswer } from '@darkroom/db/runs/claim';
import { expect, test } from 'vitest';
import { withHints } from './with-hints.ts';

function open(db: Partial<Database>) {
  const sent: Hint[] = [];
  const hints = { publish: (hint: Hint) => void sent.push(hint) };
  return { db: withHints(db as Database, hints), sent };
}

test('a hint is published after the write, and the result is the database’s', async () => {
  const lost = [{ jobId: 'b', attempt: 1 }];
  const { db, sent } = open({ reportProgress: async () => lost, completeJob: async () => false });
  const report = { attempt: 1, stage: 'generating', progress: 10 } as const;
  expect(await db.reportProgress(['a', 'b'].map((jobId) => ({ jobId, ...report })))).toBe(lost);
  expect(await db.completeJob({ jobId: 'c' } as never)).toBe(false);
  expect(sent).toEqual([{ jobId: 'a', isInterim: true }, { jobId: 'b' }, { jobId: 'c' }]);
});

test('a dropped claim publishes a hint too, because the job may have ended', async () => {
  const answers = [
    { kind: 'claimed', claim: { job: { user_id: 'u', version: 2 } } },
    { kind: 'drop' },
  ] as ClaimAnswer[];
  const { db, sent } = open({ claimJob: async () => answers.shift()! });
  for (const jobId of ['a', 'b']) await db.claimJob({ jobId, workerId: 'w' });
  expect(sent).toEqual([{ jobId: 'a', userId: 'u', version: 2, isInterim: true }, { jobId: 'b' }]);
});

test('a write that fails publishes no hint', async () => {
  const { db, sent } = open({
    failJob: async () => {
      throw new DatabaseUnavailable('away');
    },
  });
  await expect(db.failJob({ jobId: 'a' } as never)).rejects.toThrow('away');
  expect(sent).toEqual([]);
});

test('the hints for jobs canceled by Cancel-After name their users', async () => {
  const ended = [{ jobId: 'a', userId: 'u' }];
  const { db, sent } = open({ cancelDue: async () => ended });
  expect(await db.cancelDue({ limit: 10 })).toEqual(ended);
  expect(sent).toEqual(ended);
});
