import type { JobView } from '@darkroom/client';
import { expect, it } from 'vitest';
import { mergeJobs } from './merge.ts';

const job = (id: string, part: Partial<JobView>) =>
  ({ id, version: 1, status: 'pending', created_at: `2026-01-0${id}`, ...part }) as JobView;

it('never replaces a job by an older version', () => {
  const known = [job('1', { version: 5, progress: 60 })];
  expect(mergeJobs(known, [job('1', { version: 4, progress: 40 })])).toEqual(known);
});

it('applies newer versions, and lists the newest job first', () => {
  const merged = mergeJobs([job('1', {})], [job('2', {}), job('1', { version: 2, status: 'processing' })]);
  expect(merged.map(({ id, version }) => [id, version])).toEqual([
    ['2', 1],
    ['1', 2],
  ]);
});

it('keeps the queue position when a channel does not send it, until the version grows', () => {
  const known = [job('1', { queue_position: 3, eta_seconds: 12 })];
  expect(mergeJobs(known, [job('1', {})])[0]).toMatchObject({ queue_position: 3, eta_seconds: 12 });
  expect(mergeJobs(known, [job('1', { queue_position: 1 })])[0]).toMatchObject({ queue_position: 1 });
  expect(mergeJobs(known, [job('1', { version: 2 })])[0]?.queue_position).toBeUndefined();
});
