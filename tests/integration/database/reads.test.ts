import { randomUUID } from 'node:crypto';
import { jobFields } from '@darkroom/core/job/job';
import { expect, it } from 'vitest';
import { storedImage, useRules } from './rules.ts';

const rules = useRules();

const prompt = { prompt_text: 'a cat', title: null, thumbnail_url: null, secondary_image_url: null };
const save = (id: string, user: string, fields: object = prompt) =>
  rules.value('select save_prompt($1, $2, $3)', [id, user, JSON.stringify(fields)]);

it('shows a job with the fields of the contract, in their order, to its user alone', async () => {
  const [ada, boris] = [await rules.user(), await rules.user()];
  const { job } = await rules.submit(ada);
  const shown = await rules.value('select get_job($1, $2)', [job.id, ada]);
  expect(Object.keys(shown)).toEqual([...jobFields]);
  expect(shown).toEqual(Object.fromEntries(jobFields.map((field) => [field, job[field]])));
  expect(await rules.value('select get_job($1, $2)', [job.id, boris])).toBeNull();
  expect(await rules.value('select list_jobs($1, 10)', [boris])).toEqual([]);
});

it('pages through jobs without missing or repeating one, also where many were made in one moment', async () => {
  const ada = await rules.user();
  for (let at = 0; at < 7; at += 1) await rules.submit(ada);
  await rules.query(
    `update image_generation_jobs set created_at = date_trunc('second', created_at) where user_id = $1`,
    [ada],
  );
  const seen: { id: string; created_at: string }[] = [];
  for (;;) {
    const last = seen.at(-1);
    const page = await rules.value('select list_jobs($1, 3, null, $2, $3)', [
      ada,
      last?.created_at,
      last?.id,
    ]);
    seen.push(...page);
    if (page.length < 3) break;
    // What is made meanwhile comes before the first page, not into the next.
    await rules.submit(ada);
  }
  const expected = await rules.query(
    `select id from image_generation_jobs where user_id = $1 and created_at = date_trunc('second', created_at)
     order by created_at desc, id desc`,
    [ada],
  );
  expect(seen.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  expect(await rules.value(`select list_jobs($1, 50, 'canceled')`, [ada])).toEqual([]);
});

it.each([
  ['list_jobs', 'jobs_of_user', '$1, 3, null, $2, $3'],
  ['list_images', 'generated_images_of_user', '$1, 3, $2, $3'],
  ['list_prompts', 'custom_prompts_of_user', '$1, 3, $2, $3'],
])('every page of %s is read from the index, and no row beside it', async (name, index, args) => {
  const client = await rules.pool.connect();
  const plans: string[] = [];
  client.on('notice', ({ message }) => plans.push(message ?? ''));
  try {
    await client.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on; set client_min_messages = log;
      set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_bitmapscan = off;
      set enable_sort = off`);
    for (const from of [null, '2026-11-22T10:00:00+00:00']) {
      plans.length = 0;
      await client.query(`select ${name}(${args})`, ['user', from, from && randomUUID()]);
      const plan = plans.find((text) => text.includes(index));
      expect(plan).toMatch(/Index Cond: \(\(user_id = \$1\) AND \(ROW\(created_at, id\) </);
      expect(plan).not.toMatch(/Sort/);
    }
  } finally {
    client.release(true);
  }
});

it('images are shown to their user, with their keys where one alone is asked for', async () => {
  const [ada, boris] = [await rules.user(), await rules.user()];
  const { job } = await rules.submit(ada);
  await rules.claim(job.id, await rules.worker());
  await rules.complete(job.id, 1);
  const [image] = await rules.value('select list_images($1, 10)', [ada]);
  expect(image).toMatchObject({ job_id: job.id, image_url: storedImage.image_url });
  expect(image).not.toHaveProperty('object_key');
  expect(await rules.value('select get_image($1, $2)', [image.id, ada])).toMatchObject({
    ...image,
    object_key: storedImage.object_key,
    thumbnail_key: storedImage.thumbnail_key,
  });
  expect(await rules.value('select get_image($1, $2)', [image.id, boris])).toBeNull();
});

it('an id names one prompt of one user, and no other user reaches it', async () => {
  const [ada, boris] = [await rules.user(), await rules.user()];
  const id = randomUUID();
  const saved = await save(id, ada);
  expect(await save(id, ada, { ...prompt, title: 'Cat' })).toEqual({ ...saved, title: 'Cat' });
  await expect(save(id, boris)).rejects.toMatchObject({ code: 'DR400' });
  expect(await rules.value(`select update_prompt($1, $2, '{"title": "mine"}')`, [id, boris])).toBeNull();
  expect(await rules.value('select delete_prompt($1, $2)', [id, boris])).toBe(false);
  expect(await rules.value('select get_prompt($1, $2)', [id, ada])).toEqual({ ...saved, title: 'Cat' });
  expect(await rules.value(`select update_prompt($1, $2, '{"title": null}')`, [id, ada])).toEqual(saved);
  expect([
    await rules.value('select has_prompts($1, 1)', [ada]),
    await rules.value('select has_prompts($1, 2)', [ada]),
    await rules.value('select delete_prompt($1, $2)', [id, ada]),
    await rules.value('select has_prompts($1, 1)', [ada]),
  ]).toEqual([true, false, true, false]);
});

it('no user can call any of them', async () => {
  const ada = await rules.user();
  for (const call of [
    `get_job('${randomUUID()}', 'x')`,
    `list_jobs('x', 1)`,
    `get_image('${randomUUID()}', 'x')`,
    `list_images('x', 1)`,
    `get_prompt('${randomUUID()}', 'x')`,
    `list_prompts('x', 1)`,
    `has_prompts('x', 1)`,
    `save_prompt('${randomUUID()}', 'x', '{}')`,
    `update_prompt('${randomUUID()}', 'x', '{}')`,
    `delete_prompt('${randomUUID()}', 'x')`,
    `get_subscription('x')`,
    `list_ledger('x', 1)`,
    `list_deliveries('${randomUUID()}', 'x')`,
    'ping_database()',
  ]) {
    await expect(
      rules.asUser(ada, (run) => run(`select public.${call}`)),
      call,
    ).rejects.toMatchObject({ code: '42501' });
  }
});
