import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Apt, openApt } from './apt.ts';
import { run } from './run.ts';
import type { RedisProgram } from './server.ts';

const PACKAGES = [
  { program: 'redis-server', packages: ['redis-server', 'redis-tools'] },
  { program: 'valkey-server', packages: ['valkey-server', 'valkey-tools'] },
];
/** A library may need another one in turn; more rounds than this mean that the package will not run here. */
const LIBRARY_ROUNDS = 4;

interface UnpackOptions {
  cache: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * The server of the system's own packages, unpacked into `cache`, where it stays for the next time.
 * Returns a sentence when that cannot be done.
 */
export async function unpackedRedis({ cache, say, signal }: UnpackOptions): Promise<RedisProgram | string> {
  const kept = await programIn(cache);
  if (kept) return kept;
  const partial = `${cache}.${process.pid}.partial`;
  try {
    mkdirSync(partial, { recursive: true });
    say('fetching redis-server from the system’s package archive (nothing is installed) …');
    const apt = await openApt(join(partial, 'apt'), signal);
    if (typeof apt === 'string') return apt;
    const problem = await unpack(apt, join(partial, 'root'));
    if (problem) return problem;
    rmSync(join(partial, 'apt'), { recursive: true, force: true });
    return keep(partial, cache);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function unpack(apt: Apt, root: string): Promise<string | undefined> {
  const problems: string[] = [];
  for (const { program, packages } of PACKAGES) {
    const problem = (await apt.unpack(packages, root)) ?? (await addLibraries(apt, root, program));
    if (!problem) return undefined;
    problems.push(problem);
  }
  return problems.join('; ');
}

/** Fetches what the packages depend on for as long as the linker misses a library. */
async function addLibraries(apt: Apt, root: string, program: string): Promise<string | undefined> {
  for (let round = 0; round < LIBRARY_ROUNDS; round += 1) {
    const missing = await missingLibraries(root, program);
    if (missing.length === 0) return undefined;
    const problem = await apt.unpackDependencies(root);
    if (problem) return `${program} misses ${missing.join(', ')}: ${problem}`;
  }
  return `${program} misses ${(await missingLibraries(root, program)).join(', ')}`;
}

async function missingLibraries(root: string, program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [join(root, 'usr/bin', program)], { env: libraryPath(root) });
  return stdout.split('\n').flatMap((line) => /^\s*(\S+) => not found/.exec(line)?.[1] ?? []);
}

/** Another process may have put its own there first: then that one is used. */
async function keep(partial: string, cache: string): Promise<RedisProgram | string> {
  try {
    renameSync(partial, cache);
  } catch (error) {
    if (!(await programIn(cache))) {
      rmSync(cache, { recursive: true, force: true });
      renameSync(partial, cache);
    } else if (!existsSync(cache)) throw error;
  }
  return (await programIn(cache)) ?? 'the unpacked redis-server does not run here';
}

async function programIn(cache: string): Promise<RedisProgram | undefined> {
  const root = join(cache, 'root');
  for (const { program } of PACKAGES) {
    const command = join(root, 'usr/bin', program);
    if (!existsSync(command)) continue;
    const env = libraryPath(root);
    const { ok, stdout } = await run(command, ['--version'], { env, timeoutMs: 5_000 });
    if (ok) return { kind: 'program', command, env, version: stdout.trim() };
  }
  return undefined;
}

/** Every folder that holds a shared library, as the packages lay them out: usr/lib/x86_64-linux-gnu. */
function libraryPath(root: string): { LD_LIBRARY_PATH: string } {
  const folders = ['usr/lib', 'lib'].flatMap((part) => {
    const base = join(root, part);
    if (!existsSync(base)) return [];
    const inside = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [base, ...inside.map((entry) => join(base, entry.name))];
  });
  return { LD_LIBRARY_PATH: folders.join(delimiter) };
}
