import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** A path of this repository in backticks: it begins with one of the top folders. */
const namedPath = /`((?:apps|packages|tests|migrations|scripts|deploy|docs|bench)\/[\w./-]+)`/g;
const link = /\]\((?!https?:|mailto:)([^)\s]+)\)/g;

test.each(pages)('%s links and names only what exists', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const named = [...text.matchAll(namedPath)].map(([, target]) => ({ target: target!, from: root }));
  const linked = [...text.matchAll(link)].map(([, target]) => ({
    target: target!,
    from: path.join(root, path.dirname(page)),
  }));
  expect([...named, ...linked].filter(isMissing).map(({ target }) => target)).toEqual([]);
});

function isMissing({ target, from }: { target: string; from: string }): boolean {
  const [file = '', anchor] = target.split('#');
  const wanted = file === '' ? undefined : path.join(from, file);
  if (wanted && !existsSync(wanted)) return !isBuilt(wanted);
  if (!anchor || (wanted && statSync(wanted).isDirectory())) return false;
  return wanted !== undefined && !anchorsOf(readFileSync(wanted, 'utf8')).has(anchor);
}

/** What git ignores is made by a command. */
function isBuilt(file: string): boolean {
  return spawnSync('git', ['check-ignore', '--quiet', `${file}/`], { cwd: root }).status === 0;
}

/** As GitHub makes them from headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}
