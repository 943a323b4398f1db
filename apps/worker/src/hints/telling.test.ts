import type { Hint } from '@darkroom/core/queue/hints';
import type { ClaimAnswer, Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test } from 'vitest';
import { tellingOfChanges } from './telling.ts';

function open(db: Partial<Database>) {
  const sent: Hint[] = [];
  const hints = { publish: (hint: Hint) => void sent.push(hint) };
  return { db: tellingOfChanges(db as Database, hints), sent };
}

test('a change is told once it is written, and the answer is the database’s', async () => {
  const lost = [{ jobId: 'b', attempt: 1 }];
  const { db, sent } = open({ reportProgress: async () => lost, completeJob: async () => false });
  const report = { attempt: 1, stage: 'generating', progress: 10 } as const;
  expect(await db.reportProgress(['a', 'b'].map((jobId) => ({ jobId, ...report })))).toBe(lost);
  expect(await db.completeJob({ jobId: 'c' } as never)).toBe(false);
  expect(sent).toEqual([{ jobId: 'a', goesOn: true }, { jobId: 'b' }, { jobId: 'c' }]);
});

test('a claim that found nothing to do may have found the end of the job', async () => {
  const answers = [
    { kind: 'claimed', claim: { job: { user_id: 'u', version: 2 } } },
    { kind: 'drop' },
  ] as ClaimAnswer[];
  const { db, sent } = open({ claimJob: async () => answers.shift()! });
  for (const jobId of ['a', 'b']) await db.claimJob({ jobId, workerId: 'w' });
  expect(sent).toEqual([{ jobId: 'a', userId: 'u', version: 2, goesOn: true }, { jobId: 'b' }]);
});

test('what was not written is not told', async () => {
  const { db, sent } = open({
    failJob: async () => {
      throw new DatabaseUnavailable('away');
    },
  });
  await expect(db.failJob({ jobId: 'a' } as never)).rejects.toThrow('away');
  expect(sent).toEqual([]);
});

test('jobs that outlived their client’s time are told with their users', async () => {
  const ended = [{ jobId: 'a', userId: 'u' }];
  const { db, sent } = open({ cancelDue: async () => ended });
  expect(await db.cancelDue({ limit: 10 })).toEqual(ended);
  expect(sent).toEqual(ended);
});
