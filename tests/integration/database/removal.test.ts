import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { times } from '../../support/times.ts';
import { completed } from './completed.ts';
import { useRules } from './rules.ts';

const rules = useRules();

const cleaning = (run = rules.value) => run<any>('select claim_removals(100)');

describe('an image that is removed', () => {
  it("is gone with its objects to follow, and its job and everybody's money stay", async () => {
    const ada = await rules.user(10);
    const { jobId, imageId, keys } = await completed(rules, ada);
    const before = await rules.job(jobId);
    await rules.query(
      `insert into custom_prompts (user_id, prompt_text, thumbnail_url, secondary_image_url)
        values ($1, 'x', $2, 'https://elsewhere.test/a.png')`,
      [ada, `https://another-host.test/${keys[1]}`],
    );
    expect(await rules.value('select delete_image($1, $2)', [ada, imageId])).toEqual(keys);
    expect(await rules.query('select * from generated_images where id = $1', [imageId])).toEqual([]);
    expect(await rules.job(jobId)).toEqual(before);
    expect(await rules.credits(ada)).toBe(7);
    expect(
      await rules.query('select thumbnail_url, secondary_image_url from custom_prompts where user_id = $1', [
        ada,
      ]),
    ).toEqual([{ thumbnail_url: null, secondary_image_url: 'https://elsewhere.test/a.png' }]);
    await rules.query('select confirm_removed($1)', [keys]);
  });

  it("is not another user's, and not removed twice", async () => {
    const [ada, boris] = [await rules.user(10), await rules.user(10)];
    const { imageId, keys } = await completed(rules, ada);
    expect(await rules.value('select delete_image($1, $2)', [boris, imageId])).toBeNull();
    const answers = await times(5, () => rules.value('select delete_image($1, $2)', [ada, imageId]));
    expect(answers.filter((answer) => answer !== null)).toEqual([keys]);
    await rules.query('select confirm_removed($1)', [keys]);
  });

  it('leaves the objects of a row that only names an address alone', async () => {
    const ada = await rules.user(10);
    const victim = await completed(rules, await rules.user(10));
    const id = await rules.value(
      'insert into generated_images (user_id, image_url, thumbnail_url) values ($1, $2, $2) returning id',
      [ada, `https://cdn.test/${victim.keys[0]}`],
    );
    expect(await rules.value('select delete_image($1, $2)', [ada, id])).toEqual([]);
  });

  it('has its objects handed to one remover at a time, and again later until that is confirmed', async () => {
    const ada = await rules.user(10);
    const { imageId, keys } = await completed(rules, ada);
    await rules.query('select delete_image($1, $2)', [ada, imageId]);
    expect((await cleaning()).keys).toEqual([]);
    await rules.ahead('1 minute', async (run) => {
      const both = [await cleaning(run), await cleaning(run)].map((answer) => answer.keys.sort());
      expect(both).toEqual([[...keys].sort(), []]);
    });
    await rules.ahead('10 minutes', async (run) => {
      expect((await cleaning(run)).keys.sort()).toEqual([...keys].sort());
    });
    await rules.query('select confirm_removed($1)', [keys]);
    await rules.ahead('1 day', async (run) => expect((await cleaning(run)).keys).toEqual([]));
  });

  it('keeps the objects that an unfinished job starts from until that has ended', async () => {
    const ada = await rules.user(10);
    const { imageId, keys } = await completed(rules, ada);
    const { job } = await rules.submit(ada, { input: { input_image_key: keys[0] } });
    expect(await rules.value('select delete_image($1, $2)', [ada, imageId])).toEqual([keys[1]]);
    await rules.ahead('1 minute', async (run) => expect((await cleaning(run)).keys).toEqual([keys[1]]));
    await rules.cancel(job.id, ada);
    await rules.ahead('1 minute', async (run) => expect((await cleaning(run)).keys).toEqual([keys[0]]));
    await rules.query('select confirm_removed($1)', [keys]);
  });
});

describe('an object that no row names', () => {
  const find = (keys: readonly string[], age = '25 hours', run = rules.value) =>
    run<string[]>(
      `select find_orphans((select jsonb_agg(jsonb_build_object('key', key, 'modified_at', now() - $2::interval)) from unnest($1::text[]) key))`,
      [keys, age],
    );

  it('is one a day later, and not before', async () => {
    const keys = [`users/u/uploads/${randomUUID()}.png`, `users/u/jobs/${randomUUID()}/1-abc-thumb.webp`];
    expect((await find(keys)).sort()).toEqual([...keys].sort());
    expect(await find(keys, '23 hours')).toEqual([]);
  });

  it('is none with a key of another form: objects of other writers are left alone', async () => {
    const keys = [
      'users/u/avatar.png',
      'users/u/uploads/nested/a.png',
      'users/u/jobs/not-a-job/1-a.png',
      'images/a.png',
      `users/u/jobs/${randomUUID()}/a.png`,
      `users/u/uploads/${randomUUID()}`,
      `users/u%2f/uploads/${randomUUID()}.png`,
    ];
    expect(await find(keys)).toEqual([]);
  });

  it('is none while a gallery, a job or a prompt names it, by key or by address on any host', async () => {
    const ada = await rules.user(50);
    const [upload, thumbnail, secondary, shown, native] = Array.from(
      { length: 5 },
      () => `users/${ada}/uploads/${randomUUID()}.png`,
    );
    const { keys } = await completed(rules, ada, { input_image_key: upload });
    await rules.query(
      'insert into custom_prompts (user_id, prompt_text, thumbnail_url, secondary_image_url) values ($1, $2, $3, $4)',
      [ada, 'x', `https://old.test/${thumbnail}`, `https://new.test/base/${secondary}?v=2`],
    );
    await rules.query('insert into generated_images (user_id, image_url) values ($1, $2)', [
      ada,
      `https://x.test/${shown}`,
    ]);
    await rules.query('insert into image_generation_jobs (user_id, output_image_url) values ($1, $2)', [
      ada,
      `https://x.test/${native}`,
    ]);
    const named = [...keys, upload, thumbnail, secondary, shown, native] as string[];
    expect(await find(named)).toEqual([]);
    await rules.query('delete from custom_prompts where user_id = $1', [ada]);
    expect((await find(named)).sort()).toEqual([thumbnail, secondary].sort());
  });

  it('is none while its job still runs, and one when another attempt has won', async () => {
    const ada = await rules.user(10);
    const { job } = await rules.submit(ada);
    const left = `users/${ada}/jobs/${job.id}/1-lost.png`;
    await rules.ahead('2 days', async (run) => expect(await find([left], '25 hours', run)).toEqual([]));
    await rules.cancel(job.id, ada);
    expect(await find([left])).toEqual([left]);
  });

  it('is looked for by one worker at a time, on from where the last turn ended', async () => {
    await rules.query('select end_orphan_turn(null)');
    await rules.ahead('2 hours', async (run) => {
      const turns = [await cleaning(run), await cleaning(run)].map((answer) => answer.orphans);
      expect(turns).toEqual([{ after: null }, null]);
      await run('select end_orphan_turn($1)', ['users/m']);
      expect((await cleaning(run)).orphans).toBeNull();
    });
    await rules.ahead('2 hours 2 minutes', async (run) => {
      expect((await cleaning(run)).orphans).toEqual({ after: 'users/m' });
      await run('select end_orphan_turn(null)');
    });
    // Whoever dies in its turn is followed after ten minutes.
    await rules.ahead('4 hours', async (run) =>
      expect((await cleaning(run)).orphans).toEqual({ after: null }),
    );
    await rules.ahead('4 hours 5 minutes', async (run) => expect((await cleaning(run)).orphans).toBeNull());
    await rules.ahead('4 hours 11 minutes', async (run) =>
      expect((await cleaning(run)).orphans).toEqual({ after: null }),
    );
  });
});
