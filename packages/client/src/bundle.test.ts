import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const entry = path.resolve(import.meta.dirname, 'index.ts');

/** What an app ships for these lines, as its bundler writes them. */
async function bundle(lines: string) {
  const build = await rolldown({
    input: 'app',
    platform: 'browser',
    // Nothing may be left to be imported.
    external: [],
    plugins: [
      {
        name: 'app',
        resolveId: (id) => (id === 'app' ? id : id === '@darkroom/client' ? entry : null),
        load: (id) => (id === 'app' ? lines : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'es', minify: true });
  await build.close();
  expect(output.length).toBe(1);
  return { code: output[0].code, gzipped: gzipSync(output[0].code, { level: 9 }).length };
}

describe('what an app ships', () => {
  it('is less than 5 kB gzipped for all of the client', async () => {
    const { code, gzipped } = await bundle("export * from '@darkroom/client';");
    expect(gzipped).toBeLessThan(5_000);
    expect(code).not.toMatch(/\bimport\b|\bprocess\b|\bBuffer\b|\brequire\b/);
  });

  it('is next to nothing for what it does not use', async () => {
    expect((await bundle("import '@darkroom/client';")).code.trim()).toBe('');
    const { gzipped } = await bundle("export { DarkroomError, isTerminal } from '@darkroom/client';");
    expect(gzipped).toBeLessThan(450);
  });
});
