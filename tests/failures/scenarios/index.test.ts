/**
 * The twenty hardest failures, one named test each, by number:
 *
 *   accepting.test.ts   1 2 3 4 13 14   what a client may rely on once it was answered, or was not
 *   workers.test.ts     5 to 12         workers die, freeze and come back; the queue forgets
 *   services.test.ts    15 to 20        models, object store and database fail
 *
 * They end leases by SQL. Those that wait for real timeouts are slow, and so are those of tests/e2e/failure.test.ts:
 *
 *   takes jobs from a killed worker and a frozen one within 45 seconds; the frozen one writes nothing when it wakes  (5, 9)
 *   hands a running job back on SIGTERM, within the grace time, and another worker finishes it uncharged  (20)
 *   finishes every job when the queue is emptied under it  (11)
 *   ends a job at its deadline, refunded, though the model never answers  (18)
 *   never calls a model more often than allowed, and counts each call before it is sent  (5, 18)
 *
 * All of it at once, at random and under load, is tests/failures/chaos.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

it('has one test for each of the twenty', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(import.meta.dirname, file), 'utf8')),
  );
  const numbers = texts.flatMap((text) =>
    [...text.matchAll(/^it\('(\d+): /gm)].map(([, number]) => Number(number)),
  );
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
});
