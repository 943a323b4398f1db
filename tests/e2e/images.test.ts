import type { Image } from '@darkroom/db/images/images';
import { beforeAll, expect, it } from 'vitest';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';

const deployment = useSharedDeployment();
let ada: DeploymentUser;
let boris: DeploymentUser;

beforeAll(async () => {
  [ada, boris] = [await deployment.user('ada', { credits: 100 }), await deployment.user('boris')];
  await Promise.all([ada.credits(), boris.credits()]);
}, 120_000);

const gallery = async (user: DeploymentUser): Promise<Image[]> =>
  (await user.get('/v1/images?limit=100')).body.data;
const remove = (user: DeploymentUser, id: string) =>
  deployment.request('DELETE', `/v1/images/${id}`, { token: user.token });

/** A finished job of this user and its image. */
async function generated(user: DeploymentUser, prompt: string) {
  const { job } = await user.ended((await user.submit({ prompt })).id);
  const image = (await gallery(user)).find(({ job_id }) => job_id === job.id)!;
  return { job, image };
}

const isThere = async (url: string | null) => (await fetch(url!)).status === 200;

it('shows images of jobs and of the native app, newest first, page by page', async () => {
  const { job, image } = await generated(ada, 'in the gallery');
  expect(image).toEqual({
    id: expect.any(String),
    image_url: job.output_image_url,
    thumbnail_url: job.thumbnail_url,
    prompt: 'in the gallery',
    job_id: job.id,
    width: job.width,
    height: job.height,
    model: job.model,
    created_at: expect.any(String),
  });
  await ada
    .supabase()
    .from('generated_images')
    .insert({ user_id: ada.id, image_url: 'https://native.test/1.png', prompt: 'native' })
    .throwOnError();
  const { body: first } = await ada.get('/v1/images?limit=1');
  expect(first.data).toMatchObject([
    { image_url: 'https://native.test/1.png', job_id: null, thumbnail_url: null },
  ]);
  const { body: second } = await ada.get(`/v1/images?limit=1&cursor=${first.next_cursor}`);
  expect(second).toEqual({ data: [image], next_cursor: null });
  expect(await gallery(boris)).toEqual([]);
});

it('removes an image with its objects, and leaves the job and the money as they are', async () => {
  const { job, image } = await generated(ada, 'to be removed');
  const credits = await ada.credits();
  const before = await ada.job(job.id);
  expect(await isThere(image.image_url)).toBe(true);
  expect((await remove(boris, image.id)).status).toBe(404);
  expect(await isThere(image.image_url)).toBe(true);

  const reply = await remove(ada, image.id);
  expect(reply).toMatchObject({ status: 204, body: null });
  expect(await isThere(image.image_url)).toBe(false);
  expect(await isThere(image.thumbnail_url)).toBe(false);
  expect((await gallery(ada)).map(({ id }) => id)).not.toContain(image.id);
  expect(await ada.job(job.id)).toEqual(before);
  expect(await ada.credits()).toBe(credits);
  expect((await remove(ada, image.id)).status).toBe(404);
  expect((await remove(ada, 'x')).status).toBe(404);
});

it('never removes an object because a URL column names it', async () => {
  const { image } = await generated(ada, 'named by another');
  const { data } = await boris
    .supabase()
    .from('generated_images')
    .insert({ user_id: boris.id, image_url: image.image_url })
    .select('id')
    .single();
  expect((await remove(boris, data!.id)).status).toBe(204);
  expect(await isThere(image.image_url)).toBe(true);
});

it('hides a deleted image at once during a storage outage, and removes its objects afterwards', async () => {
  const { image } = await generated(ada, 'while the store is away');
  const { faults } = deployment.stack.parts.storage!;
  faults.add({ method: 'DELETE', fault: 'unavailable' });
  expect((await remove(ada, image.id)).status).toBe(204);
  expect((await gallery(ada)).map(({ id }) => id)).not.toContain(image.id);
  expect(await isThere(image.image_url)).toBe(true);
  faults.clear();
  const keys = `users/${ada.id}/%`;
  const removals = () =>
    deployment.query('select key from darkroom.object_removals where key like $1', [keys]);
  // The next try is half a minute away: the test brings it forward.
  await deployment.query('update darkroom.object_removals set due_at = now() where key like $1', [keys]);
  await expect.poll(() => isThere(image.image_url), { timeout: 30_000 }).toBe(false);
  await expect.poll(() => isThere(image.thumbnail_url), { timeout: 30_000 }).toBe(false);
  await expect.poll(removals).toEqual([]);
}, 90_000);
