import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Candidate, unpackedProgram } from '../debian/unpack.ts';
import { run } from '../processes/run.ts';
import { writeFontSettings } from './fonts.ts';

const CACHE = fileURLToPath(new URL('../../../../.local/cache/chromium/', import.meta.url));
const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** The program itself: its start script expects an installed package. */
const CANDIDATES: Candidate[] = [
  {
    program: 'usr/lib/chromium/chromium',
    packages: ['chromium', 'chromium-common', 'fonts-dejavu-core', 'fonts-inter'],
  },
];

export interface Browser {
  /** An absolute path: Playwright looks for no name on PATH. */
  command: string;
  /** The variables by which the program finds its libraries and fonts. */
  env: Record<string, string>;
  /** The output of `--version`: "Chromium 156.0 …". */
  version: string;
}

export interface FindBrowserOptions {
  /** Called with a message before steps that may take a minute. */
  say?: (line: string) => void;
  /** Folder for an unpacked Chromium; default `.local/cache/chromium`. */
  cache?: string;
  /** The limit for the whole search; default 180,000: about 100 MB may have to be downloaded. */
  timeoutMs?: number;
}

/**
 * Finds Chromium on PATH, else unpacks the Debian package with its libraries and fonts into the cache. Nothing is
 * installed, and root is not needed. Without a result, `tried` says why each attempt failed. Never throws.
 */
export async function findBrowser({
  say = () => {},
  cache = CACHE,
  timeoutMs = 180_000,
}: FindBrowserOptions = {}): Promise<{ browser: Browser | null; tried: string[] }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const tried: string[] = [];
  const attempts = [() => onPath(), () => unpacked(join(cache, `${process.platform}-${process.arch}`))];
  for (const attempt of attempts) {
    const found = await attempt().catch((error: unknown) => String(error));
    if (typeof found !== 'string') return { browser: found, tried };
    tried.push(found);
  }
  return { browser: null, tried };

  async function unpacked(folder: string): Promise<Browser | string> {
    const program = await unpackedProgram({
      name: 'chromium',
      candidates: CANDIDATES,
      cache: folder,
      say,
      signal,
    });
    if (typeof program === 'string') return program;
    const { root, command, version } = program;
    return { command, version, env: { ...program.env, FONTCONFIG_FILE: writeFontSettings(folder, root) } };
  }
}

async function onPath(): Promise<Browser | string> {
  for (const name of COMMANDS) {
    const command = findProgram(name);
    if (!command) continue;
    const { ok, stdout } = await run(command, ['--version'], { timeoutMs: 10_000 });
    if (ok) return { command, env: {}, version: stdout.trim() };
  }
  return 'chromium is not on PATH';
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  // An absolute name stays as it is.
  return folders.map((folder) => resolve(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
