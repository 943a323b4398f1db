import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';

const deployment = useSharedDeployment();
let ada: DeploymentUser;
let boris: DeploymentUser;

beforeAll(async () => {
  [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
  await Promise.all([ada.credits(), boris.credits()]);
}, 120_000);

const patch = (user: DeploymentUser, id: string, body: object) =>
  deployment.request('PATCH', `/v1/prompts/${id}`, { token: user.token, body });
const remove = (user: DeploymentUser, id: string) =>
  deployment.request('DELETE', `/v1/prompts/${id}`, { token: user.token });

it('are the same rows for the native app and the API', async () => {
  const { status, body: made } = await ada.post('/v1/prompts', {
    prompt_text: 'a fox, ink',
    title: 'Fox',
    thumbnail_url: 'https://images.test/fox.png',
  });
  expect(status).toBe(201);
  const { data } = await ada.supabase().from('custom_prompts').select('*').eq('id', made.id);
  expect(data).toEqual([{ ...made, user_id: ada.id }]);

  const native = await ada
    .supabase()
    .from('custom_prompts')
    .insert({ user_id: ada.id, prompt_text: 'native', title: null })
    .select('id')
    .single();
  expect((await ada.get(`/v1/prompts/${native.data!.id}`)).body).toMatchObject({ prompt_text: 'native' });

  expect((await patch(ada, made.id, { title: null, prompt_text: 'a fox, oil' })).body).toEqual({
    ...made,
    title: null,
    prompt_text: 'a fox, oil',
  });
  const job = await ada.submit({ custom_prompt_id: made.id });
  expect((await ada.ended(job.id)).job).toMatchObject({ status: 'completed', prompt: 'a fox, oil' });

  expect((await remove(ada, made.id)).status).toBe(204);
  expect((await ada.get(`/v1/prompts/${made.id}`)).status).toBe(404);
  expect(await ada.job(job.id)).toMatchObject({ prompt: 'a fox, oil' });
});

it("are nobody else's", async () => {
  const { body: made } = await ada.post('/v1/prompts', { prompt_text: 'hers' });
  expect((await boris.get(`/v1/prompts/${made.id}`)).status).toBe(404);
  expect((await patch(boris, made.id, { prompt_text: 'his' })).status).toBe(404);
  expect((await remove(boris, made.id)).status).toBe(404);
  expect((await boris.get('/v1/prompts')).body).toEqual({ data: [], next_cursor: null });
  expect((await ada.get(`/v1/prompts/${made.id}`)).body.prompt_text).toBe('hers');
});

it('are listed newest first, each once, for every page size', async () => {
  const carla = await deployment.user('carla');
  const ids: string[] = [];
  for (let at = 0; at < 5; at += 1)
    ids.unshift((await carla.post('/v1/prompts', { prompt_text: `${at}` })).body.id);
  // Rows of the very same moment have an order too.
  await deployment.query(
    `insert into custom_prompts (user_id, prompt_text, created_at) select $1, 'twin', '2020-01-01' from generate_series(1, 4)`,
    [carla.id],
  );
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { body }: { body: any } = await carla.get(
      `/v1/prompts?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
    );
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  } while (cursor !== null);
  expect(seen.slice(0, 5)).toEqual(ids);
  expect(new Set(seen).size).toBe(9);
  expect((await carla.get('/v1/prompts?cursor=broken')).status).toBe(422);
});

it('show an image of the gallery until that is removed', async () => {
  const job = await ada.submit({ prompt: 'for a thumbnail' });
  await ada.ended(job.id);
  const image = (await ada.get('/v1/images')).body.data.find(
    ({ job_id }: { job_id: string }) => job_id === job.id,
  );
  const { body: made } = await ada.post('/v1/prompts', { prompt_text: 'with an image', image_id: image.id });
  expect(made.thumbnail_url).toBe(image.thumbnail_url);
  expect((await fetch(made.thumbnail_url)).headers.get('content-type')).toBe('image/webp');
  expect((await boris.post('/v1/prompts', { prompt_text: 'x', image_id: image.id })).status).toBe(422);
  await deployment.request('DELETE', `/v1/images/${image.id}`, { token: ada.token });
  expect((await ada.get(`/v1/prompts/${made.id}`)).body.thumbnail_url).toBeNull();
  expect((await patch(ada, made.id, { image_id: randomUUID() })).status).toBe(422);
});
