import { existsSync } from 'node:fs';
import { join } from 'node:path';
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
/** The program itself: its start script reads settings of a system that has it installed. */
const CANDIDATES: Candidate[] = [
  {
    program: 'usr/lib/chromium/chromium',
    packages: ['chromium', 'chromium-common', 'fonts-dejavu-core', 'fonts-inter'],
  },
];

export interface Browser {
  command: string;
  /** What the program needs to find its libraries and fonts. */
  env: Record<string, string>;
  /** The program's own words: "Chromium 156.0 …". */
  version: string;
}

export interface FindBrowserOptions {
  /** Told what is being done, when it may take a minute. */
  say?: (line: string) => void;
  /** Where an unpacked one is kept; default `.local/cache/chromium`. */
  cache?: string;
  /** For all of it together; default 180,000: about 100 MB may have to be fetched. */
  timeoutMs?: number;
}

/**
 * Finds a real Chromium: on PATH, else the system's own package with its libraries and fonts, unpacked into the cache
 * (Debian; nothing is installed, root is not needed). When there is none, `tried` has a sentence for each. Never throws.
 */
export async function findBrowser({
  say = () => {},
  cache = CACHE,
  timeoutMs = 180_000,
}: FindBrowserOptions = {}): Promise<{ browser: Browser | null; tried: string[] }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const tried: string[] = [];
  const ways = [() => onPath(), () => unpacked(join(cache, `${process.platform}-${process.arch}`))];
  for (const way of ways) {
    const found = await way().catch((error: unknown) => String(error));
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
  for (const command of COMMANDS) {
    if (command.startsWith('/') && !existsSync(command)) continue;
    const { ok, stdout } = await run(command, ['--version'], { timeoutMs: 10_000 });
    if (ok) return { command, env: {}, version: stdout.trim() };
  }
  return 'chromium is not on PATH';
}
