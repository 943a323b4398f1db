import { createClient } from '@supabase/supabase-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';

const deployment = useSharedDeployment();
let ada: DeploymentUser;
let boris: DeploymentUser;
let jobId: string;

beforeAll(async () => {
  [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
  jobId = (await ada.submit({ prompt: 'hers' })).id;
  await ada.ended(jobId);
  await boris.credits();
}, 120_000);

describe("a user's own token over supabase-js", () => {
  it('reads the job that the API shows, and nothing of another user', async () => {
    const { data } = await ada.supabase().from('image_generation_jobs').select('*');
    const { urls: _, ...shown } = (await ada.get(`/v1/jobs/${jobId}`)).body;
    expect(data).toEqual([{ ...shown, managed: true }]);
    for (const table of ['image_generation_jobs', 'generated_images', 'custom_prompts', 'credit_ledger']) {
      const own = await boris.supabase().from(table).select('*').neq('user_id', boris.id);
      expect(own).toMatchObject({ data: [], error: null });
    }
  });

  it('cannot raise its credits by any statement', async () => {
    const before = await ada.credits();
    const supabase = ada.supabase();
    const tries = [
      supabase.from('users').update({ credits: 1_000 }).eq('id', ada.id).select(),
      supabase.from('users').delete().eq('id', ada.id).select(),
      supabase
        .from('credit_ledger')
        .insert({ user_id: ada.id, kind: 'grant', amount: 5, balance_after: 5, reference: 'x' }),
      supabase.rpc('grant_credits', { p_user_id: ada.id, p_amount: 5, p_reference: 'x', p_reason: 'x' }),
      supabase.rpc('ensure_user', { p_user_id: `${ada.id}_2`, p_default_credits: 1_000 }),
    ];
    for (const attempt of tries) expect((await attempt).error).not.toBeNull();
    expect(await ada.credits()).toBe(before);
    await supabase.from('users').upsert({ id: ada.id, email: 'a@example.com', credits: 1_000 });
    expect(await ada.credits()).toBeLessThanOrEqual(before);
  });

  it('cannot make or revive a job that runs unpaid', async () => {
    const supabase = ada.supabase();
    const before = await ada.job(jobId);
    expect(
      (await supabase.from('image_generation_jobs').insert({ user_id: ada.id, managed: true })).error,
    ).not.toBeNull();
    expect(
      (await supabase.from('image_generation_jobs').insert({ user_id: ada.id, prompt: 'free' })).error,
    ).not.toBeNull();
    expect(
      (await supabase.from('image_generation_jobs').update({ status: 'pending' }).eq('id', jobId).select())
        .data,
    ).toEqual([]);
    expect((await supabase.from('image_generation_jobs').delete().eq('id', jobId).select()).data).toEqual([]);
    expect(await ada.job(jobId)).toEqual(before);
  });

  it('can call no server function and sees no audit', async () => {
    const supabase = ada.supabase();
    const forbidden = [
      supabase.rpc('create_job', {
        p_user_id: ada.id,
        p_input: {},
        p_price: 0,
        p_idempotency_key: 'k',
        p_request_hash: 'h',
      }),
      supabase.rpc('complete_job', { p_job_id: jobId, p_attempt: 1, p_image: {}, p_served_price: 0 }),
      supabase.rpc('cancel_job', { p_job_id: jobId, p_user_id: ada.id }),
      supabase.rpc('sweep', {}),
      supabase.from('credit_audit').select('*'),
      supabase.from('job_runs').select('*'),
      supabase.from('idempotency_keys').select('*'),
    ];
    for (const attempt of forbidden) expect((await attempt).error?.code).toBe('42501');
  });

  it('does what the native app does: reads, lowers its credits, keeps prompts, writes images and jobs of its own', async () => {
    const supabase = boris.supabase();
    const { data: me } = await supabase.from('users').select('credits').eq('id', boris.id).single();
    await supabase
      .from('users')
      .update({ credits: me!.credits - 1 })
      .eq('id', boris.id)
      .throwOnError();
    expect(await boris.credits()).toBe(me!.credits - 1);
    await supabase
      .from('custom_prompts')
      .insert({ user_id: boris.id, prompt_text: 'x', title: 't' })
      .throwOnError();
    await supabase
      .from('generated_images')
      .insert({ user_id: boris.id, image_url: 'https://x/1.png', prompt: 'x' })
      .throwOnError();
    const { data: job } = await supabase
      .from('image_generation_jobs')
      .insert({ user_id: boris.id })
      .select()
      .single();
    await supabase
      .from('image_generation_jobs')
      .update({ status: 'completed', progress: 100 })
      .eq('id', job.id)
      .throwOnError();
    const spent = await supabase.rpc('spend_credits', { p_amount: 2, p_reference: 'image-1' });
    expect(spent.data).toBe(me!.credits - 3);
  });
});

describe('the API', () => {
  it.each([
    ['nothing', {}],
    ['a cookie', { cookie: '__session=TOKEN' }],
    ['a broken token', { authorization: 'Bearer x.y.z' }],
    ['a key', { authorization: 'Bearer ak_123' }],
    ['another scheme', { authorization: 'Basic TOKEN' }],
  ])('lets nobody in with %s', async (_, headers) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('TOKEN', ada.token)]),
    );
    const reply = await deployment.request('GET', '/v1/me', { headers: filled });
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses an expired token', async () => {
    const token = await deployment.token(ada.id, { expiresInSeconds: -60 });
    expect((await deployment.request('GET', '/v1/me', { token })).status).toBe(401);
  });
});

it('gives the publishable key alone access to nothing', async () => {
  const anonymous = createClient(
    deployment.stack.variables.SUPABASE_URL!,
    deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!,
  );
  expect(await anonymous.from('users').select('*')).toMatchObject({ data: [] });
  expect((await anonymous.from('users').insert({ id: 'user_x', email: 'x' })).error).not.toBeNull();
});
