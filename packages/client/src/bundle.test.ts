import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';

const entry = path.resolve(import.meta.dirname, 'index.ts');

/** What a bundler makes of an app with this code. */
async function bundle(lines: string) {
  const { output } = (await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'app',
        enforce: 'pre',
        resolveId: (id) => (id === 'app' ? id : id === '@darkroom/client' ? entry : null),
        load: (id) => (id === 'app' ? lines : null),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: 'app', preserveEntrySignatures: 'strict', external: [] },
    },
  })) as Rolldown.RolldownOutput;
  // One chunk: nothing is loaded later.
  expect(output.length).toBe(1);
  const { code } = output[0];
  return { code, gzipped: gzipSync(code, { level: 9 }).length };
}

describe('what an app ships', () => {
  it('is less than 5 kB gzipped for all of the client', async () => {
    const { code, gzipped } = await bundle("export * from '@darkroom/client';");
    expect(gzipped).toBeLessThan(5_000);
    expect(code).not.toMatch(/\bimport\b|\bprocess\b|\bBuffer\b|\brequire\b/);
  });

  it('leaves out what the app does not use', async () => {
    expect((await bundle("import '@darkroom/client';")).code.trim()).toBe('');
    const { gzipped } = await bundle("export { DarkroomError, isTerminal } from '@darkroom/client';");
    expect(gzipped).toBeLessThan(450);
  });
});
