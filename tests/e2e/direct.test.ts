import { expect, it } from 'vitest';
import { useDeployment } from '../support/deployment.ts';

// Nobody listens there: whatever still asked the Data API would fail.
const deployment = useDeployment({
  overrides: { DB_TRANSPORT: 'direct', SUPABASE_URL: 'http://127.0.0.1:1' },
});

it('a job runs from the request to the image, and the account is right, without the Data API', async () => {
  const ada = await deployment.user('ada');
  const submitted = await ada.submit({ prompt: 'a fox with a cup of tea' });
  const { job } = await ada.ended(submitted.id);
  expect(job).toMatchObject({ status: 'completed', receipt: { charged: 3, refunded: 0, net: 3 } });
  expect(await ada.credits()).toBe(17);
  expect((await ada.get('/v1/jobs')).body.data).toMatchObject([{ id: job.id, version: job.version }]);
  expect((await ada.get('/v1/credits/ledger')).status).toBe(200);
  expect((await ada.post('/v1/jobs', { prompt: '' })).status).toBe(422);
  expect((await ada.get(`/v1/jobs/${crypto.randomUUID()}`)).status).toBe(404);
  expect((await deployment.request('GET', '/health/ready')).status).toBe(200);
  expect(await deployment.audit()).toEqual([]);
});

it('each process has sessions of its own name, as the server, and none is left behind', async () => {
  const sessions = () =>
    deployment.query(
      `select distinct application_name as name from pg_stat_activity
       where datname = current_database() and application_name like 'darkroom %' order by 1`,
    );
  expect(await sessions()).toEqual([{ name: 'darkroom api' }, { name: 'darkroom worker' }]);
  await Promise.all([deployment.stack.api, ...deployment.stack.workers].map((app) => stop(app)));
  await expect.poll(sessions).toEqual([]);
});

async function stop(app: { pid: number; exited: Promise<unknown> }): Promise<void> {
  process.kill(app.pid, 'SIGTERM');
  await app.exited;
}
