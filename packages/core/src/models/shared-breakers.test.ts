import { beforeEach, describe, expect, test } from 'vitest';
import type { Failure, FailureCode } from '../job/failure.ts';
import type { Coordination, StoredValue } from '../queue/coordination.ts';
import { QueueUnavailable } from '../queue/queue.ts';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { type CallEnd, createBreakers } from './breaker.ts';
import { listBreakers } from './list-breakers.ts';
import { withQuota } from './quota.ts';
import { createSharedBreakers, type SharedBreakers } from './shared-breakers.ts';

const model = 'm';
const failure = (code: FailureCode, retryAfterMs?: number): Failure => ({ code, cause: '', retryAfterMs });
const outage = failure('provider_unavailable');

let time: number;
let isAway: boolean;
let values: Map<string, { value: string; until: number }>;
let slots: { key: string; at: number }[];
let one: SharedBreakers;
let other: SharedBreakers;

/** Coordination in memory, on the test clock. */
const coordination: Pick<Coordination, 'setValue' | 'listValues' | 'deleteValues' | 'reserve' | 'release'> = {
  async setValue(key, value, { ttlMs, if: only }) {
    if (isAway) throw new QueueUnavailable('away');
    const there = values.get(key)?.until ?? 0;
    if (only === 'absent' && there > time) return false;
    if (only === 'longer' && there > time + ttlMs) return false;
    values.set(key, { value, until: time + ttlMs });
    return true;
  },
  async listValues() {
    if (isAway) throw new QueueUnavailable('away');
    return [...values]
      .map(([key, { value, until }]): StoredValue => ({ key, value, remainingMs: until - time }))
      .filter(({ remainingMs }) => remainingMs > 0);
  },
  async deleteValues(gone) {
    if (isAway) throw new QueueUnavailable('away');
    for (const { key, value } of gone) {
      if (value === undefined || values.get(key)?.value === value) values.delete(key);
    }
  },
  async reserve(key, { limit, windowMs }) {
    if (isAway) throw new QueueUnavailable('away');
    slots = slots.filter(({ at }) => at > time - windowMs);
    const own = slots.filter((place) => place.key === key);
    if (own.length >= limit) return { reserved: false, waitMs: own[0]!.at + windowMs - time };
    slots.push({ key, at: time });
    return { reserved: true, slotId: String(time) };
  },
  async release(key, slotId) {
    if (isAway) throw new QueueUnavailable('away');
    const given = slots.findIndex((one) => one.key === key && String(one.at) === slotId);
    if (given >= 0) slots.splice(given, 1);
  },
};

beforeEach(() => {
  [time, isAway, values, slots] = [1_000, false, new Map(), []];
  [one, other] = [open('1'), open('2')];
});

const open = (owner: string, account = 'a') =>
  createSharedBreakers({
    createLocal: (onChange) => createBreakers({ now: () => time, onChange }),
    coordination,
    account,
    owner,
    maxProbeMs: 125_000,
    log: createRecordedLog(),
    now: () => time,
  });

async function call(by: SharedBreakers, end: CallEnd) {
  const gate = await by.enter(model);
  if (gate.open) throw new Error(`refused: ${gate.code}`);
  gate.leave(end);
}
const callTimes = async (by: SharedBreakers, count: number, end: CallEnd) => {
  for (let n = 0; n < count; n += 1) await call(by, end);
};
/** Advances the clock and refreshes both workers. */
async function later(ms: number) {
  time += ms;
  await one.refresh();
  await other.refresh();
}

describe('a breaker that one worker opens is open for another', () => {
  test.each([
    ['after a missing model', failure('model_unavailable'), 300_000],
    ['after a spent quota', failure('rate_limited', 53_000), 53_000],
  ])('%s', async (_, end, ms) => {
    await call(one, end);
    await later(500);
    expect(await other.enter(model)).toMatchObject({ open: true, code: end.code, remainingMs: ms - 500 });
    expect((await other.enter('another')).open).toBe(false);
    await later(ms);
    expect((await other.enter(model)).open).toBe(false);
  });

  test('after an outage', async () => {
    await callTimes(one, 5, outage);
    await later(500);
    expect(await other.enter(model)).toMatchObject({ open: true, code: 'provider_unavailable' });
    expect(await listBreakers(coordination)).toEqual({
      breakers: [{ model, code: 'provider_unavailable', state: 'open', remainingMs: 29_500 }],
      workers: 2,
    });
  });

  test('when the other starts later', async () => {
    await call(one, failure('rate_limited', 60_000));
    time += 20_000;
    await other.refresh();
    expect(other.remainingMs(model)).toBe(40_000);
  });

  test('and a shorter opening does not shorten a longer one', async () => {
    await call(one, failure('rate_limited', 60_000));
    await call(other, failure('rate_limited', 5_000));
    await later(500);
    expect(other.remainingMs(model)).toBe(59_500);
  });
});

describe('after an outage', () => {
  beforeEach(async () => {
    await callTimes(one, 5, outage);
    await later(500);
    await later(30_000);
  });

  test('one worker probes, and calls of all workers follow its answer', async () => {
    const probe = await one.enter(model);
    if (probe.open) throw new Error('no probe');
    expect((await listBreakers(coordination)).breakers).toMatchObject([{ state: 'half_open' }]);
    expect(await other.enter(model)).toMatchObject({ open: true, code: 'provider_unavailable' });
    probe.leave('answered');
    await later(500);
    const gates = [await other.enter(model), await other.enter(model), await one.enter(model)];
    expect(gates.map(({ open }) => open)).toEqual([false, false, false]);
    expect((await listBreakers(coordination)).breakers).toEqual([]);
  });

  test('a failed probe opens the breaker for all workers', async () => {
    await call(other, outage);
    await later(500);
    expect((await one.enter(model)).open).toBe(true);
    expect((await other.enter(model)).open).toBe(true);
  });

  test('a worker that dies while probing blocks the others for at most the time of a call', async () => {
    await one.enter(model);
    expect((await other.enter(model)).open).toBe(true);
    await later(125_000);
    expect((await other.enter(model)).open).toBe(false);
  });
});

describe('while coordination is unavailable', () => {
  beforeEach(() => {
    isAway = true;
  });

  test('each worker uses its own breakers', async () => {
    await call(one, failure('rate_limited', 10_000));
    await later(500);
    expect((await one.enter(model)).open).toBe(true);
    expect((await other.enter(model)).open).toBe(false);
    await later(10_000);
    expect((await one.enter(model)).open).toBe(false);
  });

  test('each worker probes on its own', async () => {
    await callTimes(one, 5, outage);
    await later(30_500);
    await call(one, 'answered');
    expect((await one.enter(model)).open).toBe(false);
  });
});

describe('a shared opening that is gone', () => {
  test('does not close the breaker while another opening of the model remains', async () => {
    await call(one, failure('rate_limited', 60_000));
    await call(other, failure('model_unavailable'));
    await later(500);
    await later(60_000);
    expect((await coordination.listValues()).filter(({ key }) => key.startsWith('breaker/'))).toHaveLength(1);
    for (const by of [one, other]) {
      expect(await by.enter(model)).toMatchObject({ open: true, code: 'model_unavailable' });
    }
    await later(240_000);
    expect((await one.enter(model)).open).toBe(false);
  });

  test('closes the breaker of all workers immediately', async () => {
    await call(one, failure('rate_limited', 60_000));
    await later(500);
    await coordination.deleteValues(
      [...values.keys()].filter((key) => key.startsWith('breaker/')).map((key) => ({ key })),
    );
    await later(500);
    expect((await other.enter(model)).open).toBe(false);
  });

  test('with all other values does not close a breaker, which then expires locally', async () => {
    await call(one, failure('rate_limited', 3_600_000));
    await later(2_000);
    for (const ms of [500, 2_000, 10_000]) {
      values.clear();
      await later(ms);
      await later(500);
      expect((await one.enter(model)).open).toBe(true);
      expect((await other.enter(model)).open).toBe(true);
    }
    await later(3_600_000);
    expect((await one.enter(model)).open).toBe(false);
    expect((await other.enter(model)).open).toBe(false);
  });
});

describe('a quota', () => {
  const rates = { byModel: { [model]: 4 }, others: null };
  const limited = (by: SharedBreakers) =>
    withQuota(by, { rates, coordination, account: 'a', workers: () => by.workers, now: () => time });
  const sent = async (by: SharedBreakers, count: number) => {
    const gates = [];
    for (let n = 0; n < count; n += 1) gates.push(await limited(by).enter(model));
    return gates.filter(({ open }) => !open).length;
  };

  test('is shared by all workers; a call beyond it waits as after a 429, and other models are not affected', async () => {
    expect([await sent(one, 3), await sent(other, 3)]).toEqual([3, 1]);
    expect(await limited(other).enter(model)).toEqual({
      open: true,
      code: 'rate_limited',
      remainingMs: 61_000,
    });
    expect((await limited(other).enter('another')).open).toBe(false);
    expect((await one.enter(model)).open, 'the breaker is not what refused').toBe(false);
    time += 61_000;
    expect(await sent(one, 5)).toBe(4);
  });

  test('does not count a call that was not sent', async () => {
    const gates = [];
    for (let n = 0; n < 4; n += 1) gates.push(await limited(one).enter(model));
    const [first, second] = gates;
    if (!first || first.open || !second || second.open) throw new Error('refused');
    first.leave('unsent');
    first.leave('unsent');
    second.leave('abandoned');
    second.leave('unsent');
    expect(await sent(other, 3)).toBe(1);
  });

  test('belongs to an account: workers with another key have their own quota and breakers', async () => {
    const stranger = open('3', 'b');
    const theirs = withQuota(stranger, {
      rates,
      coordination,
      account: 'b',
      workers: () => 1,
      now: () => time,
    });
    expect(await sent(one, 5)).toBe(4);
    expect((await theirs.enter(model)).open).toBe(false);
    await call(one, failure('rate_limited', 60_000));
    await later(500);
    await stranger.refresh();
    expect((await stranger.enter(model)).open).toBe(false);
    expect(stranger.workers).toBe(1);
    expect((await listBreakers(coordination, { account: 'a' })).breakers).toHaveLength(1);
    expect(await listBreakers(coordination, { account: 'b' })).toEqual({ breakers: [], workers: 1 });
    expect((await listBreakers(coordination)).breakers).toHaveLength(1);
  });

  test('is divided between the workers while coordination is unavailable', async () => {
    await later(0);
    await later(2_000);
    expect(one.workers).toBe(2);
    const alone = limited(one);
    expect((await alone.enter(model)).open).toBe(false);
    isAway = true;
    const answers = [await alone.enter(model), await alone.enter(model), await alone.enter(model)];
    expect(answers.map(({ open }) => open)).toEqual([false, true, true]);
    expect(answers[1]).toMatchObject({ code: 'rate_limited', remainingMs: 61_000 });
    time += 61_000;
    expect((await alone.enter(model)).open).toBe(false);
  });
});
