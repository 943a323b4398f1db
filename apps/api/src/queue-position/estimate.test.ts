import type { QueueSnapshot } from '@darkroom/db/queue-position/queue-position';
import { describe, expect, test } from 'vitest';
import { etaSeconds, positionOf } from './estimate.ts';

const snapshot = (more: Partial<QueueSnapshot> = {}): QueueSnapshot => ({
  now_us: 0,
  workers: 1,
  marks: [],
  running_ms: [0, 0],
  median_ms: 10_000,
  mean_ms: 10_000,
  ended: 0,
  span_ms: 60_000,
  overtaking: [],
  ...more,
});
const job = (position: number, more: object = {}) => ({ position, priority: 1, run_at_us: 0, ...more });

describe('positionOf', () => {
  const marks = [
    [1, 1, 10],
    [2, 1, 20],
    [3, 101, 5],
    [10, 101, 50],
    [20, 201, 1],
  ] as const;
  test.each([
    ['the first job', 1, 10, 1],
    ['a job near the front', 1, 20, 2],
    ['older than all of its priority', 101, 1, 3],
    ['between two marks', 101, 30, 7],
    ['after the last mark', 301, 1, 21],
  ])('%s', (_, priority, run_at_us, place) => {
    expect(positionOf({ priority, run_at_us }, { marks })).toBe(place);
  });
  test('the position in an empty queue is 1', () => {
    expect(positionOf({ priority: 1, run_at_us: 1 }, { marks: [] })).toBe(1);
  });
});

describe('etaSeconds', () => {
  test.each([
    ['no worker is running', { workers: 0 }, null],
    ['the duration of a run is unknown', { median_ms: null, mean_ms: null }, null],
    ['both slots have just started', {}, 20],
    ['one slot is nearly done', { running_ms: [9_000, 0] }, 11],
    ['a slot is overdue', { running_ms: [30_000, 0] }, 10],
    ['no slot is busy', { running_ms: [] }, 10],
    ['the throughput shows a third slot', { ended: 18 }, 10],
  ])('of the next job, when %s', (_, more, seconds) => {
    expect(etaSeconds(job(1), snapshot(more))).toBe(seconds);
  });

  test('grows with the position at the rate of the queue', () => {
    const at = (place: number) => etaSeconds(job(place), snapshot())!;
    expect([at(1), at(3), at(21), at(201)]).toEqual([20, 30, 120, 1_020]);
  });

  test('includes overtaking jobs, but assumes a minimum rate', () => {
    const at = (count: number) =>
      etaSeconds(job(11, { priority: 101 }), snapshot({ overtaking: [[1, count]] }))!;
    expect([at(0), at(6), at(600)]).toEqual([70, 120, 520]);
    expect(etaSeconds(job(11), snapshot({ overtaking: [[1, 6]] }))).toBe(70);
  });

  test('is never before the time of a delayed retry', () => {
    expect(etaSeconds(job(1, { run_at_us: 90_000_000 }), snapshot())).toBe(100);
  });
});
