import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLoop } from './loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const log = createRecordedLog();

test('the first pass starts within a second, each later one six to ten seconds after the one before', async () => {
  const draws = [0.5, 0, 1];
  const times: number[] = [];
  const begunAt = performance.now();
  const pass = async () => void times.push(performance.now() - begunAt);
  const loop = createLoop({ name: 'removal', pass, log, random: () => draws.shift() ?? 0 });
  loop.start();
  await vi.advanceTimersByTimeAsync(17_000);
  await loop.stop();
  expect(times).toEqual([500, 6_500, 16_500]);
});

test('passes never overlap, and stopping waits for the running one', async () => {
  const passing = Promise.withResolvers<void>();
  const pass = vi.fn(() => passing.promise);
  const loop = createLoop({ name: 'removal', pass, log, random: () => 0 });
  loop.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pass).toHaveBeenCalledTimes(1);

  const ended = vi.fn();
  const stopping = loop.stop().then(ended);
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).not.toHaveBeenCalled();
  passing.resolve();
  await stopping;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pass).toHaveBeenCalledTimes(1);
});

test("a pass that throws is logged under the loop's name, and the loop continues", async () => {
  const pass = vi.fn(() => Promise.reject(new Error('bug')));
  const loop = createLoop({ name: 'removal', pass, log, random: () => 0 });
  loop.start();
  await vi.advanceTimersByTimeAsync(6_000);
  await loop.stop();
  expect(pass).toHaveBeenCalledTimes(2);
  expect(log.told.at(-1)).toMatchObject({ name: 'maintenance_failed', fields: { loop: 'removal' } });
});
