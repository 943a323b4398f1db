import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../processes/run.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const cache = path.join(root, '.local/web');
const sources = ['apps/web/{src,public}/**/*', 'apps/web/*.{html,json,ts}', 'packages/client/src/**/*.ts'];
const buildWithinMs = 120_000;
const unusedForMs = 24 * 3_600_000;

/**
 * Returns the folder of the built page. Builds it on first use and after changes of the sources; older builds stay in
 * `.local/web` for a day after their last use. @throws with the output of Vite
 */
export async function buildPage({ say }: { say: (line: string) => void }): Promise<string> {
  const folder = path.join(cache, hashSources());
  if (!existsSync(folder)) await build(folder, say);
  const now = new Date();
  utimesSync(folder, now, now);
  removeUnused(now);
  return folder;
}

function hashSources(): string {
  const hash = createHash('sha256').update(process.version);
  const files = [...globSync(sources, { cwd: root }), 'package-lock.json'].sort();
  for (const file of files) {
    const absolute = path.join(root, file);
    if (statSync(absolute).isFile()) hash.update(`\0${file}\0`).update(readFileSync(absolute));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Builds into a separate folder first, so that no process sees half a page. */
async function build(folder: string, say: (line: string) => void): Promise<void> {
  say('Building the page …');
  const draft = `${folder}.${process.pid}.partial`;
  mkdirSync(cache, { recursive: true });
  try {
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    // The page gets its configuration from its server; a developer's variables must not be built in.
    const { VITE_API_URL: _, VITE_CLERK_PUBLISHABLE_KEY: __, ...env } = process.env;
    const { ok, reason } = await run(
      process.execPath,
      [vite, 'build', 'apps/web', '--outDir', draft, '--logLevel', 'error'],
      { cwd: root, env: { ...env, NODE_ENV: 'production' }, timeoutMs: buildWithinMs },
    );
    if (!ok) throw new Error(`The page could not be built: ${reason}`);
    renameSync(draft, folder);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeUnused(now: Date): void {
  for (const name of globSync('*', { cwd: cache })) {
    const folder = path.join(cache, name);
    const used = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
    if (now.getTime() - used > unusedForMs) rmSync(folder, { recursive: true, force: true });
  }
}
