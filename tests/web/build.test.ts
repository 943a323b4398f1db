import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPage } from '@darkroom/local/web/build';
import { expect, it } from 'vitest';

const mostBytes = 150_000;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

it('the page needs less than 150 kB of JavaScript gzipped, Clerk included where it is used', async () => {
  const folder = await buildPage({ say: () => {} });
  const manifest: Record<string, Chunk> = JSON.parse(
    await readFile(path.join(folder, '.vite/manifest.json'), 'utf8'),
  );
  const entry = Object.keys(manifest).find((name) => manifest[name]!.isEntry)!;
  const size = async (names: Iterable<string>) => {
    let bytes = 0;
    for (const name of names)
      bytes += gzipSync(await readFile(path.join(folder, manifest[name]!.file))).length;
    return bytes;
  };
  const first = reach(manifest, [entry], ['imports']);
  const all = reach(manifest, [entry], ['imports', 'dynamicImports']);
  expect(await size(first)).toBeLessThan(100_000);
  expect(await size(all)).toBeLessThan(mostBytes);
  expect([...first].some((name) => name.includes('clerk'))).toBe(false);
  expect([...all].some((name) => name.includes('clerk'))).toBe(true);
}, 120_000);

function reach(
  manifest: Record<string, Chunk>,
  names: string[],
  by: ('imports' | 'dynamicImports')[],
  reached = new Set<string>(),
): Set<string> {
  for (const name of names) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const way of by) reach(manifest, manifest[name]?.[way] ?? [], by, reached);
  }
  return reached;
}
