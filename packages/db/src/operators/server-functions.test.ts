import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { serverFunctions } from './server-functions.ts';

test('names every function that this package calls, and no other', async () => {
  const root = path.resolve(import.meta.dirname, '..');
  const files = (await readdir(root, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const called = new Set<string>();
  for (const file of files) {
    const text = await readFile(path.join(root, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:\.rpc|\bcall)(?:<[^(']+>)?\(\s*'(\w+)'/g)) called.add(name);
  }
  expect([...serverFunctions]).toEqual([...called].sort());
});
