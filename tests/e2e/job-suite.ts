import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, type DeploymentUser, openDeployment } from '../support/deployment.ts';

const [primary, second, third] = [
  'gemini-nano-banana-2.1',
  'gemini-3-pro-image',
  'gemini-3.1-flash-lite-image',
];

/** The life of jobs, as clients see it, on one of the two queue backends. */
export function jobSuite(queue: 'redis' | 'postgres'): void {
  describe(`a job on ${queue}`, () => {
    let deployment: Deployment;
    let ada: DeploymentUser;
    let before: Record<string, Record<string, any>[]>;

    beforeAll(async () => {
      deployment = await openDeployment({ queue, overrides: { WORKER_CONCURRENCY: '8' } });
      before = await oldRows();
    }, 120_000);
    beforeEach(async () => {
      deployment.gemini.faults.clear();
      ada = await deployment.user('ada');
    });
    afterAll(async () => {
      const audit = await deployment.audit();
      const after = await oldRows();
      await deployment.close();
      expect(audit).toEqual([]);
      expect(after, 'the rows of the native app').toEqual(before);
    }, 120_000);

    async function oldRows() {
      const rows: Record<string, Record<string, any>[]> = {};
      for (const [table, key] of Object.entries({
        users: 'id',
        subscriptions: 'user_id',
        generated_images: 'user_id',
        custom_prompts: 'user_id',
        image_generation_jobs: 'user_id',
      })) {
        rows[table] = await deployment.query(
          `select * from ${table} where ${key} like 'user_2_Native%' order by id`,
        );
      }
      return rows;
    }

    it('goes from the request to a stored image, and shows every step of it in order', async () => {
      const job = await ada.submit({
        prompt: 'a fox under the moon',
        aspect_ratio: '16:9',
        metadata: { n: 1 },
      });
      expect(job).toMatchObject({ status: 'pending', receipt: { charged: 3, refunded: 0, net: 3 } });
      const { job: done, seen } = await ada.ended(job.id);
      expect(done).toMatchObject({
        status: 'completed',
        stage: 'done',
        progress: 100,
        model: primary,
        mime_type: expect.stringMatching(/^image\//),
        metadata: { n: 1 },
        receipt: { charged: 3, refunded: 0, net: 3 },
        error_code: null,
      });
      for (const [earlier, later] of seen.slice(1).map((later, at) => [seen[at]!, later] as const)) {
        expect(later.version).toBeGreaterThan(earlier.version);
        expect(later.progress).toBeGreaterThanOrEqual(earlier.progress);
      }
      const bytes = Buffer.from(await (await fetch(done.output_image_url!)).arrayBuffer());
      const { width, height } = await sharp(bytes).metadata();
      expect({ width, height }).toEqual({ width: done.width, height: done.height });
      expect(width! / height!).toBeCloseTo(16 / 9, 1);
      const thumbnail = Buffer.from(await (await fetch(done.thumbnail_url!)).arrayBuffer());
      expect((await sharp(thumbnail).metadata()).width).toBeLessThanOrEqual(512);
      const [image] = await deployment.query('select * from generated_images where job_id = $1', [job.id]);
      expect(image).toMatchObject({
        user_id: ada.id,
        image_url: done.output_image_url,
        prompt: 'a fox under the moon',
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      expect(image!.object_key).toMatch(new RegExp(`^users/${ada.id}/jobs/${job.id}/1-`));
      expect(await ada.credits()).toBe(17);
    });

    it('takes an input image with the request, or by the key of an upload', async () => {
      const image = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
        .png()
        .toBuffer();
      const first = await ada.submit({ prompt: 'a cat', reference_image_base64: image.toString('base64') });
      expect(first.input_image_key).toMatch(new RegExp(`^users/${ada.id}/uploads/`));
      expect((await ada.ended(first.id)).job.status).toBe('completed');
      const again = await ada.submit({ prompt: 'a dog', input_image_key: first.input_image_key });
      expect((await ada.ended(again.id)).job.status).toBe('completed');
      const calls = deployment.gemini.calls().filter((call) => /a cat|a dog/.test(call.prompt));
      expect(calls.length).toBe(2);
      const boris = await deployment.user('boris');
      const foreign = await boris.post('/v1/jobs', {
        prompt: 'theft',
        input_image_key: first.input_image_key,
      });
      expect(foreign.status).toBe(422);
      expect(await boris.credits()).toBe(20);
    });

    it('sends a saved prompt as it is', async () => {
      const [prompt] = await deployment.query(
        `insert into custom_prompts (user_id, prompt_text) values ($1, 'a {subject} at dawn') returning id`,
        [ada.id],
      );
      const job = await ada.submit({ custom_prompt_id: prompt!.id });
      expect((await ada.ended(job.id)).job).toMatchObject({
        status: 'completed',
        prompt: 'a {subject} at dawn',
      });
      expect(deployment.gemini.calls().at(-1)?.prompt).toBe('a {subject} at dawn');
    });

    it('falls back from a missing model to a busy one to the third, and refunds the difference', async () => {
      const prompt = `fallback ${randomUUID()}`;
      // Only this prompt, so that other jobs keep their first choice; the breakers are told all the same.
      deployment.gemini.faults.add({ model: primary, match: prompt, fault: { kind: 'unavailable' } });
      deployment.gemini.faults.add({
        model: second,
        match: prompt,
        fault: { kind: 'finish', reason: 'NO_IMAGE' },
      });
      const job = await ada.submit({ prompt });
      const { job: done } = await ada.ended(job.id);
      expect(done).toMatchObject({
        status: 'completed',
        model_requested: primary,
        model: third,
        receipt: { charged: 3, refunded: 1, net: 2 },
      });
      const [run] = await deployment.query(
        'select attempts_log, model_calls from job_runs where job_id = $1',
        [job.id],
      );
      expect(run!.attempts_log.map((call: any) => [call.model, call.code])).toEqual([
        [primary, 'provider_unavailable'],
        [primary, 'provider_unavailable'],
        [second, 'no_image'],
        [third, 'ok'],
      ]);
      expect(await ada.credits()).toBe(18);
    });

    it('fails with a reason and gives the credits back when the content is refused; no other model is asked', async () => {
      const prompt = `blocked ${randomUUID()} [fault: blocked]`;
      const job = await ada.submit({ prompt });
      const { job: done } = await ada.ended(job.id);
      expect(done).toMatchObject({
        status: 'failed',
        error_code: 'content_blocked',
        error_message: expect.stringContaining('content policy'),
        output_image_url: null,
        receipt: { charged: 3, refunded: 3, net: 0 },
      });
      expect(
        deployment.gemini.calls().filter((call) => prompt.startsWith(call.prompt.slice(0, 30))),
      ).toHaveLength(1);
      expect(await ada.credits()).toBe(20);
      const ledger = await ada.get('/v1/credits/ledger');
      expect(ledger.body.data.map((row: any) => [row.kind, row.amount, row.balance_after])).toEqual([
        ['job_refund', 3, 20],
        ['job_debit', -3, 17],
        ['signup', 20, 20],
      ]);
    });

    it.each([
      ['thought_parts', 'completed', null],
      ['truncated', 'failed', 'bad_image'],
      ['only_thoughts', 'failed', 'no_image'],
      ['text_only', 'failed', 'no_image'],
      ['invalid_argument', 'failed', 'invalid_request'],
    ])('meets the fault %s: %s %s', async (fault, status, code) => {
      const job = await ada.submit({ prompt: `${fault} ${randomUUID()} [fault: ${fault}]`, fallback: false });
      const { job: done } = await ada.ended(job.id, 60_000);
      expect(done).toMatchObject({ status, error_code: code });
      expect(await ada.credits()).toBe(status === 'completed' ? 17 : 20);
    });

    it('is canceled while the model works: refunded at once, and the call is aborted', async () => {
      const prompt = `slow ${randomUUID()}`;
      const job = await ada.submit({ prompt: `${prompt} [latency: 30s]` });
      await ada.until(job.id, ({ stage }) => stage === 'generating');
      const canceled = await ada.post(`/v1/jobs/${job.id}/cancel`);
      expect(canceled).toMatchObject({
        status: 200,
        body: { status: 'canceled', receipt: { charged: 3, refunded: 3, net: 0 } },
      });
      expect(await ada.credits()).toBe(20);
      const call = () => deployment.gemini.calls().find((one) => one.prompt.includes(prompt));
      const deadline = performance.now() + 15_000;
      while (!call()?.aborted && performance.now() < deadline) await sleep(50);
      expect(call()?.aborted).toBe(true);
      const again = await ada.post(`/v1/jobs/${job.id}/cancel`);
      expect(again).toMatchObject({ status: 409, body: { code: 'job_already_finished' } });
    });

    it('is one job and one debit for fifty requests with one key at once; another body is refused', async () => {
      const key = randomUUID();
      const replies = await Promise.all(
        Array.from({ length: 50 }, () =>
          ada.post('/v1/jobs', { prompt: 'once' }, { 'idempotency-key': key }),
        ),
      );
      expect(new Set(replies.map((reply) => reply.body.job?.id)).size).toBe(1);
      expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200, 202]));
      const { id } = replies[0]!.body.job;
      await ada.ended(id);
      expect(await ada.credits()).toBe(17);
      const replay = await ada.post('/v1/jobs', { prompt: 'once' }, { 'idempotency-key': key });
      expect(replay.status).toBe(200);
      expect(replay.headers.get('idempotent-replayed')).toBe('true');
      expect(replay.body.job).toMatchObject({ id, status: 'completed' });
      const other = await ada.post('/v1/jobs', { prompt: 'twice' }, { 'idempotency-key': key });
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    });

    it('is delivered by the sweep when the API died before it enqueued it', async () => {
      await ada.credits();
      const [row] = await deployment.query(
        `select create_job($1, '{"prompt":"orphan","model_requested":"${primary}","fallback":true}', 3, $2, 'h') as made`,
        [ada.id, randomUUID()],
      );
      const { job } = await ada.ended(row!.made.job.id, 15_000);
      expect(job.status).toBe('completed');
    });

    it('is quoted without being made', async () => {
      const quote = await ada.post('/v1/jobs?dry_run=true', { prompt: 'x' });
      expect(quote).toMatchObject({
        status: 200,
        body: { quote: { price: 3, balance: 20, model: primary } },
      });
      expect((await ada.get('/v1/jobs')).body.data).toEqual([]);
    });

    it('is refused without credits, and the answer says the price', async () => {
      for (let n = 0; n < 6; n += 1) await ada.submit({ prompt: `spend ${n}` });
      const refused = await ada.post('/v1/jobs', { prompt: 'one more' });
      expect(refused).toMatchObject({
        status: 402,
        body: { code: 'insufficient_credits', balance: 2, price: 3 },
      });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
    });

    it('is listed to its owner, newest first, in pages, and to nobody else', async () => {
      const ids = [];
      for (let n = 0; n < 3; n += 1) ids.unshift((await ada.submit({ prompt: `list ${n}` })).id);
      const first = await ada.get('/v1/jobs?limit=2');
      const rest = await ada.get(`/v1/jobs?limit=2&cursor=${first.body.next_cursor}`);
      expect([...first.body.data, ...rest.body.data].map((job: any) => job.id)).toEqual(ids);
      expect(rest.body.next_cursor).toBeNull();
      const boris = await deployment.user('boris');
      expect(await boris.get(`/v1/jobs/${ids[0]}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
      expect(await boris.post(`/v1/jobs/${ids[0]}/cancel`)).toMatchObject({ status: 404 });
      expect((await boris.get('/v1/jobs')).body.data).toEqual([]);
    });

    it('shows the jobs of the native app to their owner, side by side with new ones', async () => {
      const token = await deployment.token('user_2bNativeBoris');
      const { body } = await deployment.request('GET', '/v1/jobs', { token });
      expect(body.data.map((job: any) => job.status).sort()).toEqual(['failed', 'processing']);
    });
  });
}
