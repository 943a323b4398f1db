import { DomainError } from '@darkroom/db/errors';
import { expect, test, vi } from 'vitest';
import { replayWebhooks } from './replay-webhooks.ts';

const id = '0b3f8c1e-0000-4000-8000-000000000001';
const replayed = { id, job_id: 'j', type: 'job.failed' as const, host: 'hooks.test', attempts: 10 };

async function run(options: string[], answer = async () => [replayed]) {
  const db = { replayWebhooks: vi.fn(answer) };
  let [printed, complained] = ['', ''];
  const code = await replayWebhooks({
    db,
    options,
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
  });
  return { code, printed, complained, asked: db.replayWebhooks.mock.calls.flat() };
}

test('a delivery, or all of a job, is sent again and named', async () => {
  expect(await run([id])).toMatchObject({
    code: 0,
    printed: `${id}  job.failed of job j goes to hooks.test again, after 10 attempts\n`,
    asked: [{ deliveryId: id }],
  });
  expect(await run(['--job', id])).toMatchObject({ code: 0, asked: [{ jobId: id }] });
});

test('what is not there exits 1', async () => {
  const none = () => Promise.reject(new DomainError('not_found', 'no'));
  expect(await run([id], none)).toMatchObject({ code: 1, complained: 'There is no such delivery.\n' });
  expect(await run(['--job', id], none)).toMatchObject({
    code: 1,
    complained: 'This job has no deliveries.\n',
  });
});

test.each([[[]], [['x']], [['--job']], [['--job', 'x']], [[id, id]]])(
  'what is not understood exits 2 and asks nothing: %j',
  async (options) => {
    expect(await run(options)).toMatchObject({ code: 2, asked: [] });
  },
);
