import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRules, type Rules } from './rules.ts';

let rules: Rules;
beforeEach(async () => {
  rules = await openRules();
});
afterEach(() => rules.close());

const gauges = (run: Rules['value'] = rules.value) => run('select operator_gauges()');
/** A reading that is made now, whatever was read before. */
const readAnew = async (run: Rules['value'] = rules.value) => {
  await rules.query('update darkroom.operator_state set read_at = null');
  return gauges(run);
};

describe('the gauges of operators', () => {
  it('say what waits, what runs, how old it is, and how everything ended', async () => {
    const ada = await rules.user(100);
    const worker = await rules.worker();
    expect(await gauges()).toMatchObject({ pending: 0, oldest_pending_s: 0, oldest_unfinished_s: 0 });

    const made = [];
    for (let n = 0; n < 5; n += 1) made.push((await rules.submit(ada)).job);
    const [first, second, third, fourth] = made;
    const one = await rules.claim(first.id, worker);
    await rules.complete(first.id, one.attempt);
    const two = await rules.claim(second.id, worker);
    await rules.fail(second.id, two.attempt);
    await rules.cancel(third.id, ada);
    await rules.claim(fourth.id, worker);

    const reading = await rules.ahead('20 seconds', (run) => readAnew(run));
    expect(reading).toMatchObject({
      pending: 1,
      processing: 1,
      workers: 1,
      ended: [
        ['canceled', 'canceled', 1],
        ['completed', 'none', 1],
        ['failed', 'no_image', 1],
      ],
      credits: [
        ['job_debit', 'out', 15],
        ['job_refund', 'in', 6],
        ['signup', 'in', 100],
      ],
      refunds: [
        ['canceled', 1],
        ['no_image', 1],
      ],
      unsettled_refunds: 0,
      drift_credits: 0,
      overdue_s: 0,
    });
    expect(reading.oldest_pending_s).toBeGreaterThan(19);
    expect(reading.oldest_unfinished_s).toBeGreaterThanOrEqual(reading.oldest_pending_s);
  });

  it('count a job that waits for its next try as unfinished, not as waiting for a worker', async () => {
    const ada = await rules.user();
    const { job } = await rules.submit(ada);
    const { attempt } = await rules.claim(job.id, await rules.worker());
    await rules.retry(job.id, attempt, 60_000);
    const reading = await rules.ahead('20 seconds', (run) => readAnew(run));
    expect(reading.oldest_pending_s).toBe(0);
    expect(reading.oldest_unfinished_s).toBeGreaterThan(19);
  });

  it('say how long the job that is furthest past its deadline should have ended', async () => {
    await rules.submit(await rules.user());
    const reading = await rules.ahead('11 minutes', (run) => readAnew(run));
    expect(reading.overdue_s).toBeGreaterThan(50);
  });

  it('never fall or double, whenever the sums of what has passed are made', async () => {
    const ada = await rules.user(100);
    const end = async (run: Rules['value'] = rules.value) => {
      const input = JSON.stringify({ prompt: 'a cat' });
      const { job } = await run(`select create_job($1, $2, 3, gen_random_uuid()::text, 'hash')`, [
        ada,
        input,
      ]);
      await run('select cancel_job($1, $2)', [job.id, ada]);
    };
    await end();
    const before = await readAnew();
    // Three hours on, the first is part of the sums; two more have come since.
    await rules.ahead('3 hours', async (run) => {
      const after = await readAnew(run);
      expect(after.ended).toEqual(before.ended);
      expect(after.credits).toEqual(before.credits);
      expect(after.refunds).toEqual(before.refunds);
      await end(run);
      expect((await readAnew(run)).ended).toEqual([['canceled', 'canceled', 2]]);
    });
    await rules.ahead('9 hours', async (run) => {
      expect((await readAnew(run)).ended).toEqual([['canceled', 'canceled', 2]]);
      expect((await readAnew(run)).drift_credits).toBe(0);
    });
    expect(await rules.value('select count(*)::int from darkroom.operator_totals')).toBeGreaterThan(0);
  });

  it('catch up a day at a time after a long pause, and leave out meanwhile what they cannot know', async () => {
    const ada = await rules.user(10);
    await rules.cancel((await rules.submit(ada)).job.id, ada);
    await readAnew();
    await rules.query(
      `update darkroom.operator_state set counted_until = darkroom.now() - interval '3 days'`,
    );
    const behind = await readAnew();
    expect(behind).toMatchObject({ ended: [], credits: [], refunds: [], drift_credits: null, pending: 0 });
    await readAnew();
    expect(await readAnew()).toMatchObject({ ended: [['canceled', 'canceled', 1]], drift_credits: 0 });
  });

  it('show a refund that is missing and a balance that drifted', async () => {
    const ada = await rules.user(10);
    const { job } = await rules.submit(ada);
    await rules.query('alter table credit_ledger disable trigger user');
    await rules.query('alter table users disable trigger user');
    await rules.cancel(job.id, ada);
    await rules.query(`delete from credit_ledger where kind = 'job_refund'`);
    await rules.query('update users set credits = credits + 2');
    expect(await readAnew()).toMatchObject({ unsettled_refunds: 1, drift_credits: 2 });
  });

  it('tell the age of the oldest webhook that is due', async () => {
    const ada = await rules.user();
    const { job } = await rules.submit(ada);
    await rules.query(
      `insert into webhook_deliveries (job_id, user_id, type, url, next_attempt_at, created_at)
       values ($1, $2, 'job.completed', 'https://app.test/', darkroom.now() - interval '90 seconds', now())`,
      [job.id, ada],
    );
    const { webhook_lag_s } = await readAnew();
    expect(webhook_lag_s).toBeGreaterThan(89);
    await rules.query(
      `update webhook_deliveries set next_attempt_at = now() + interval '1 hour', attempts = 1`,
    );
    expect((await readAnew()).webhook_lag_s).toBe(0);
  });

  it('are read once for all who ask within ten seconds', async () => {
    await gauges();
    await rules.submit(await rules.user());
    const all = await Promise.all(Array.from({ length: 8 }, () => gauges()));
    expect(all.map(({ pending }) => pending)).toEqual(Array(8).fill(0));
    const later = await rules.ahead('11 seconds', (run) => gauges(run));
    expect(later).toMatchObject({ pending: 1, reading_age_s: 0 });
  });

  it('give the audit to one caller in a quarter of an hour and keep what it found', async () => {
    expect(await gauges()).toMatchObject({ audit_is_yours: true, audit_problems: null });
    expect(await readAnew()).toMatchObject({ audit_is_yours: false });
    expect(await rules.value('select operator_audit()')).toBe(0);
    expect(await readAnew()).toMatchObject({ audit_is_yours: false, audit_problems: 0 });
    expect(await rules.ahead('16 minutes', (run) => readAnew(run))).toMatchObject({ audit_is_yours: true });
  });
});

describe('the trace of a job', () => {
  it('is kept from the request that made it, if it is one', async () => {
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const ada = await rules.user();
    const submitWith = async (header: string | null) => {
      const client = await rules.pool.connect();
      try {
        await client.query(`select set_config('request.headers', $1, false)`, [
          header === null ? '' : JSON.stringify({ 'x-darkroom-trace': header }),
        ]);
        const { rows } = await client.query(
          `select create_job($1, '{"prompt": "a cat"}', 1, gen_random_uuid()::text, 'hash') as made`,
          [ada],
        );
        return rows[0].made.job.id as string;
      } finally {
        await client.query(`select set_config('request.headers', '', false)`);
        client.release();
      }
    };
    const [traced, untraced, odd] = [
      await submitWith(trace),
      await submitWith(null),
      await submitWith(`${trace}; drop table users`),
    ];
    expect(await rules.value('select job_traces($1)', [JSON.stringify([traced, untraced, odd])])).toEqual({
      [traced]: trace,
    });
  });
});

it('is closed to users: none of these functions can be called by them', async () => {
  const ada = await rules.user();
  for (const call of ['operator_gauges()', 'operator_audit()', `job_traces('[]')`]) {
    const asked = rules.asUser(ada, (run) => run(`select ${call}`));
    await expect(asked, call).rejects.toMatchObject({ code: '42501' });
  }
});
