import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLogContext } from './context.ts';
import { createRecordedLog } from './recorded.ts';

test('facts logged while a job runs have its id, even after an await and in code that does not know the job', async () => {
  const recorded = createRecordedLog();
  const { log, within } = createLogContext(recorded);
  await Promise.all(
    ['a', 'b'].map((job_id) =>
      within({ job_id }, async () => {
        await turn();
        log.with({ role: 'producer' }).fact('queue_unavailable');
      }),
    ),
  );
  log.fact('worker_stopped');
  expect(recorded.told.map(({ fields }) => fields)).toEqual([
    { job_id: 'a', role: 'producer' },
    { job_id: 'b', role: 'producer' },
    {},
  ]);
});

test('nested contexts merge, and the fields of a fact override them', () => {
  const recorded = createRecordedLog();
  const { log, within } = createLogContext(recorded);
  within({ request_id: 'r', job_id: 'outer' }, () =>
    within({ delivery: 2 }, () => log.fact('job_created', { job_id: 'own' })),
  );
  expect(recorded.told[0]?.fields).toEqual({ request_id: 'r', delivery: 2, job_id: 'own' });
});
