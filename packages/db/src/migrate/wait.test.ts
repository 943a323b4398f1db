import { expect, test } from 'vitest';
import type { ApiProbe } from '../operators/probe.ts';
import { awaitMigrations } from './wait.ts';

const wanted = ['0001_first', '0002_second'];
const applied = (...migrations: string[]) => ({ kind: 'server', report: { migrations } }) as ApiProbe;

function wait(answers: ApiProbe[], timeoutMs = 60_000) {
  const lines: string[] = [];
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)]!;
  const waited = awaitMigrations({ wanted, ask, timeoutMs, everyMs: 1, log: (line) => lines.push(line) });
  return { waited, lines, asked: () => asked };
}

test('waits until the database is there and has every migration of this release, or more', async () => {
  const { waited, lines, asked } = wait([
    { kind: 'unreachable', cause: 'ECONNREFUSED' },
    { kind: 'not_migrated', cause: 'PGRST202' },
    applied('0001_first'),
    applied('0001_first'),
    applied('0001_first', '0002_second', '0003_of_the_next_release'),
  ]);
  await waited;
  expect(asked()).toBe(5);
  expect(lines).toEqual([
    'waiting: no answer (ECONNREFUSED)',
    'waiting: the database not migrated',
    'waiting: 0002_second not applied',
  ]);
});

test('names what is missing when its time is up', async () => {
  await expect(wait([applied('0001_first')], 0).waited).rejects.toThrow('0002_second not applied');
});

test('does not wait for a key to become the right one', async () => {
  const { waited, asked } = wait([{ kind: 'public' }]);
  await expect(waited).rejects.toThrow('SUPABASE_SECRET_KEY');
  expect(asked()).toBe(1);
});
