import { beforeEach, describe, expect, test } from 'vitest';
import type { Inspection } from '../image/inspect.ts';
import type { Failure, FailureCode } from '../job/failure.ts';
import type { ModelCall } from '../job/outcome.ts';
import { createBreakers } from './breaker.ts';
import { type ChainRun, renderWithChain } from './chain.ts';
import type { ImageModel, ModelAnswer } from './model.ts';

const bytes = Buffer.from('image');
const ok: ModelAnswer = { ok: true, image: { bytes, mimeType: 'image/jpeg' } };
const fails = (code: FailureCode, more: Partial<Failure> = {}): ModelAnswer => ({
  ok: false,
  failure: { code, cause: 'why', ...more },
});
const down = fails('provider_unavailable');
const timeout = fails('provider_unavailable', { timedOut: true });

let time: number;
let breakers: ReturnType<typeof createBreakers>;
let sent: { model: string; timeoutMs: number }[];
beforeEach(() => {
  time = 0;
  breakers = createBreakers({ now: () => time });
  sent = [];
});

/** Each model gives its answers in order and repeats the last one; every call takes a second. */
function render(answers: Record<string, ModelAnswer[]>, changes: Partial<ChainRun> = {}) {
  const left = structuredClone(answers);
  const model: ImageModel = {
    async generate(request, { timeoutMs }) {
      sent.push({ model: request.model, timeoutMs });
      time += 1_000;
      const queue = left[request.model] ?? [];
      const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? down;
      return answer.ok ? ok : answer;
    },
  };
  let calls = 0;
  const run: ChainRun = {
    signal: new AbortController().signal,
    deadlineAt: time + 600_000,
    modelTimeoutMs: 120_000,
    attempt: 2,
    beforeCall: async () => ({ call: ++calls }),
    ...changes,
  };
  const request = {
    models: Object.keys(answers),
    prompt: 'p',
    aspectRatio: null,
    imageSize: null,
    inputImage: null,
  };
  return renderWithChain({ model, breakers, now: () => time, inspect: async () => inspection }, request, run);
}
const sound: Inspection = { ok: true, mimeType: 'image/png', width: 3, height: 2 };
let inspection: Inspection = sound;
beforeEach(() => {
  inspection = sound;
});

const asked = () => sent.map(({ model }) => model);

describe('a chain', () => {
  test('returns the image of the first model that makes one, with its detected type and size', async () => {
    const result = await render({ a: [fails('model_unavailable')], b: [ok], c: [ok] });
    expect(result).toMatchObject({
      ok: true,
      model: 'b',
      image: { bytes, mimeType: 'image/png', width: 3, height: 2 },
      calls: [
        { call: 1, attempt: 2, model: 'a', code: 'model_unavailable', ms: 1_000 },
        { call: 2, attempt: 2, model: 'b', code: 'ok', ms: 1_000 },
      ],
    });
    expect(asked()).toEqual(['a', 'b']);
  });

  test('repeats a call once after an outage, then tries the next model', async () => {
    await render({ a: [down, ok] });
    expect(asked()).toEqual(['a', 'a']);
    sent = [];
    await render({ a: [down], b: [ok] });
    expect(asked()).toEqual(['a', 'a', 'b']);
  });

  test('never repeats a call that timed out', async () => {
    await render({ a: [timeout], b: [ok] });
    expect(asked()).toEqual(['a', 'b']);
  });

  test('tries the next model when the bytes do not decode', async () => {
    inspection = { ok: false, reason: 'truncated' };
    const result = await render({ a: [ok], b: [ok] });
    expect(asked()).toEqual(['a', 'b']);
    expect(result).toMatchObject({ ok: false, failure: { code: 'bad_image' } });
  });

  test.each<FailureCode>(['content_blocked', 'invalid_request', 'provider_misconfigured'])(
    'stops immediately after %s',
    async (code) => {
      expect(await render({ a: [fails(code)], b: [ok] })).toMatchObject({ ok: false, failure: { code } });
      expect(asked()).toEqual(['a']);
    },
  );

  test('does not call a model whose breaker is open', async () => {
    breakers.openFor('a', 60_000, 'model_unavailable');
    expect(await render({ a: [ok], b: [ok] })).toMatchObject({ ok: true, model: 'b' });
    expect(asked()).toEqual(['b']);
  });

  test('reports to the breakers how its calls ended', async () => {
    await render({ a: [fails('rate_limited', { retryAfterMs: 53_000 })], b: [ok] });
    expect(breakers.remainingMs('a')).toBe(52_000);
    expect(breakers.isOpen('b')).toBe(false);
  });

  test('without models fails with model_unavailable', async () => {
    expect(await render({})).toMatchObject({ ok: false, failure: { code: 'model_unavailable' } });
  });
});

describe('the failure of a chain', () => {
  const limited = (retryAfterMs: number) => fails('rate_limited', { retryAfterMs });
  const rows: [string, ModelAnswer[], Partial<Failure>][] = [
    [
      'is the shortest delay when all models are limited',
      [limited(50_000), limited(7_000)],
      { code: 'rate_limited', retryAfterMs: 7_000 },
    ],
    [
      'is rate_limited with a limited and a missing model',
      [fails('model_unavailable'), limited(9_000)],
      { code: 'rate_limited' },
    ],
    [
      'is the outage if there is one',
      [limited(50_000), down, fails('no_image')],
      { code: 'provider_unavailable' },
    ],
    ['is no_image with a limited model', [fails('no_image'), limited(5_000)], { code: 'no_image' }],
    ['is no_image with a damaged image', [fails('bad_image'), fails('no_image')], { code: 'no_image' }],
    [
      'is model_unavailable when all models are missing',
      [fails('model_unavailable'), fails('model_unavailable')],
      { code: 'model_unavailable' },
    ],
  ];
  test.each(rows)('%s', async (_, answers, expected) => {
    const byModel = Object.fromEntries(answers.map((answer, i) => [`m${i}`, [answer]]));
    const result = await render(byModel);
    expect(result).toMatchObject({ ok: false, failure: expected });
  });

  test('has the delay of the breaker that closes first when no model could be called', async () => {
    breakers.openFor('a', 60_000);
    breakers.openFor('b', 20_000);
    const result = await render({ a: [ok], b: [ok] });
    expect(result).toMatchObject({ calls: [], failure: { code: 'rate_limited', retryAfterMs: 20_000 } });
    expect(sent).toEqual([]);
  });

  test('has the delay of the breaker when the limited model names none', async () => {
    const result = await render({ a: [fails('rate_limited')] });
    expect(result).toMatchObject({ failure: { code: 'rate_limited', retryAfterMs: 30_000 } });
  });
});

describe('a run', () => {
  test.each(['lost', 'budget_spent'] as const)(
    'reports to the gate that no call was sent: %s',
    async (answer) => {
      const ends: unknown[] = [];
      const { enter } = breakers;
      breakers.enter = (model) => {
        const gate = enter(model);
        return gate.open ? gate : { ...gate, leave: (end) => void ends.push(end) };
      };
      await render({ a: [ok] }, { beforeCall: async () => answer });
      expect(ends).toEqual(['unsent']);
      ends.length = 0;
      await render({ a: [ok] });
      expect(ends[0]).toBe('answered');
    },
  );

  test('stops without a call when the claim is lost', async () => {
    const result = await render({ a: [ok] }, { beforeCall: async () => 'lost' });
    expect(result).toMatchObject({ ok: false, lost: true, calls: [] });
    expect(sent).toEqual([]);
  });

  test('stops when no call is left, and returns the failure before it', async () => {
    const budget: ('budget_spent' | { call: number })[] = [{ call: 7 }, { call: 8 }];
    const beforeCall = async () => budget.shift() ?? 'budget_spent';
    const result = await render({ a: [fails('no_image')], b: [down], c: [ok] }, { beforeCall });
    expect(asked()).toEqual(['a', 'b']);
    expect(result).toMatchObject({ ok: false, callsSpent: true, failure: { code: 'provider_unavailable' } });
    expect(result.calls.map(({ call }) => call)).toEqual([7, 8]);
  });

  test('limits a call to the time left for the job, and sends none when no time is left', async () => {
    const result = await render({ a: [timeout], b: [ok], c: [ok] }, { deadlineAt: 1_500 });
    expect(sent).toEqual([{ model: 'a', timeoutMs: 1_500 }]);
    expect(result).toMatchObject({ ok: false, failure: { code: 'deadline_exceeded' } });
    const last = await render({ a: [timeout] }, { deadlineAt: time + 1_500 });
    expect(last).toMatchObject({ ok: false, failure: { code: 'deadline_exceeded' } });
  });

  test('does not count a call cut short by the deadline as a failure of the model', async () => {
    for (let i = 0; i < 6; i += 1) await render({ a: [timeout] }, { deadlineAt: time + 1_500 });
    expect(breakers.states().a).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
  });

  test('that is aborted throws the reason and still reports its call', async () => {
    const abort = new AbortController();
    const ended: ModelCall[] = [];
    const model: ImageModel = {
      async generate(_, { signal }) {
        abort.abort(new Error('shutting down'));
        signal.throwIfAborted();
        return ok;
      },
    };
    const run: ChainRun = {
      signal: abort.signal,
      deadlineAt: 600_000,
      modelTimeoutMs: 120_000,
      attempt: 1,
      beforeCall: async () => ({ call: 1 }),
      onCallEnd: (call) => ended.push(call),
    };
    const request = { models: ['a'], prompt: 'p', aspectRatio: null, imageSize: null, inputImage: null };
    const deps = { model, breakers, now: () => time, inspect: async () => sound };
    await expect(renderWithChain(deps, request, run)).rejects.toThrow('shutting down');
    expect(ended).toMatchObject([{ call: 1, code: 'canceled' }]);
  });

  test('lets the next job probe a half-open breaker when counting the call fails', async () => {
    for (let i = 0; i < 3; i += 1) await render({ a: [down] });
    time += 60_000;
    const beforeCall = () => Promise.reject(new Error('database away'));
    await expect(render({ a: [ok] }, { beforeCall })).rejects.toThrow('database away');
    expect(await render({ a: [ok] })).toMatchObject({ ok: true });
  });
});
