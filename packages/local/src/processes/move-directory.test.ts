import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { moveDirectory } from './move-directory.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const OTHER_FILE_SYSTEM = '/dev/shm';
const places = [tmpdir(), ...(existsSync(OTHER_FILE_SYSTEM) ? [OTHER_FILE_SYSTEM] : [])];

test.each(places)('a folder moved to %s keeps its content and its mode', (place) => {
  const from = makeFolder(join(newFolder(tmpdir()), 'from'));
  const to = join(newFolder(place), 'to');
  moveDirectory(from, to);
  expect(readFileSync(join(to, 'inner/file'), 'utf8')).toBe('content');
  expect(statSync(to).mode & 0o777).toBe(0o700);
  expect(existsSync(from)).toBe(false);
});

test('a move that was interrupted after the copy is completed, and a finished move is not repeated', () => {
  const folder = newFolder(tmpdir());
  const from = makeFolder(join(folder, 'from'));
  const to = makeFolder(join(folder, 'to'));
  moveDirectory(from, to);
  moveDirectory(from, to);
  expect(existsSync(from)).toBe(false);
  expect(existsSync(join(to, 'inner/file'))).toBe(true);
});

function newFolder(place: string): string {
  const folder = mkdtempSync(join(place, 'darkroom-move-'));
  made.push(folder);
  return folder;
}

function makeFolder(path: string): string {
  mkdirSync(join(path, 'inner'), { recursive: true });
  writeFileSync(join(path, 'inner/file'), 'content');
  chmodSync(path, 0o700);
  return path;
}
