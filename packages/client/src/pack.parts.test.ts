import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pack } from '../scripts/pack.ts';

const run = promisify(execFile);
let app: string;

beforeAll(async () => {
  app = await mkdtemp(path.join(tmpdir(), 'darkroom-client-'));
  await mkdir(path.join(app, 'node_modules/@darkroom'), { recursive: true });
  await pack(path.join(app, 'node_modules/@darkroom/client'));
}, 60_000);
afterAll(() => rm(app, { recursive: true, force: true }));

it('the published package is plain JavaScript that Node runs unchanged', async () => {
  const files = await readdir(path.join(app, 'node_modules/@darkroom/client'), { recursive: true });
  expect(files.filter((file) => /test/.test(file) || /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  await writeFile(
    path.join(app, 'app.mjs'),
    `import { createDarkroom, DarkroomError } from '@darkroom/client';
     const darkroom = createDarkroom({ url: 'http://127.0.0.1:1', getToken: () => null });
     const error = await darkroom.generate({ prompt: 'x' }).catch((error) => error);
     console.log(error instanceof DarkroomError, error.code);`,
  );
  const { stdout } = await run(process.execPath, ['--no-experimental-strip-types', 'app.mjs'], { cwd: app });
  expect(stdout.trim()).toBe('true unauthenticated');
});

it('its types fit web apps, expo/fetch and Clerk', async () => {
  await writeFile(
    path.join(app, 'app.mts'),
    `import { createDarkroom, DarkroomError, type CompletedJob } from '@darkroom/client';
     declare const getToken: (options?: { template?: string; skipCache?: boolean }) => Promise<string | null>;
     // As declared by expo/fetch.
     declare class FetchResponse { readonly ok: boolean; readonly status: number; readonly headers: Headers;
       get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null; text(): Promise<string>; json(): Promise<any>; }
     interface FetchRequestInit { body?: BodyInit | null; credentials?: RequestCredentials; headers?: HeadersInit;
       method?: string; signal?: AbortSignal | null; redirect?: RequestRedirect; }
     declare function expoFetch(url: string, init?: FetchRequestInit): Promise<FetchResponse>;
     for (const fetch of [expoFetch, globalThis.fetch, undefined]) createDarkroom({ url: '', getToken, fetch });
     const darkroom = createDarkroom({ url: '', getToken });
     const job: CompletedJob = await darkroom.generate({ prompt: 'x' }, { onUpdate: (job) => job.queue_position });
     const net: number = job.receipt.net;
     const image: string = job.output_image_url;
     // @ts-expect-error: no such field
     darkroom.generate({ promt: 'x' });
     await darkroom.uploads.put(new Blob([]));
     export const code = (error: unknown) => error instanceof DarkroomError && error.code === 'content_blocked';
     export { net, image };`,
  );
  const tsc = path.join(
    path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  const options = '--noEmit --strict --target es2022 --lib es2022,dom --types --module';
  for (const [module, resolution] of [
    ['esnext', 'bundler'],
    ['nodenext', 'nodenext'],
  ]) {
    const flags = [...options.split(' '), module!, '--moduleResolution', resolution!];
    const checked = await run(process.execPath, [tsc, ...flags, 'app.mts'], { cwd: app }).catch(
      (error) => error,
    );
    expect(checked.stdout).toBe('');
  }
}, 60_000);
