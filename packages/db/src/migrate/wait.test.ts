import { expect, test } from 'vitest';
import type { DataApiProbe } from '../operators/probe-data-api.ts';
import { awaitMigrations } from './wait.ts';

const wanted = { release: 2, checksum: 'b' };
const migrated = (release: number, ...checksums: string[]) =>
  ({ kind: 'server', report: { release, checksums } }) as DataApiProbe;

function wait(answers: DataApiProbe[], timeoutMs = 60_000) {
  const lines: string[] = [];
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)]!;
  const waited = awaitMigrations({ wanted, ask, timeoutMs, everyMs: 1, log: (line) => lines.push(line) });
  return { waited, lines, asked: () => asked };
}

test('waits until the database is there and has been brought to this release', async () => {
  const { waited, lines, asked } = wait([
    { kind: 'unreachable', cause: 'ECONNREFUSED' },
    { kind: 'not_migrated', cause: 'PGRST202' },
    migrated(1, 'a'),
    migrated(2, 'a'),
    migrated(2, 'later', 'b'),
  ]);
  await waited;
  expect(asked()).toBe(5);
  expect(lines).toEqual([
    'waiting: no answer (ECONNREFUSED)',
    'waiting: the database not migrated',
    'waiting: the migrations of this release not applied',
  ]);
});

test('does not wait where a later release has migrated', async () => {
  const { waited, asked } = wait([migrated(3, 'c')]);
  await waited;
  expect(asked()).toBe(1);
});

test('says what is missing when its time is up', async () => {
  await expect(wait([migrated(2, 'a')], 0).waited).rejects.toThrow('migrations of this release not applied');
});

test('does not wait for a key to become the right one', async () => {
  const { waited, asked } = wait([{ kind: 'public' }]);
  await expect(waited).rejects.toThrow('SUPABASE_SECRET_KEY');
  expect(asked()).toBe(1);
});
