import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../processes/run.ts';
import { type Apt, openApt } from './apt.ts';

/** A library may need another one in turn; more rounds than this mean that the package will not run here. */
const LIBRARY_ROUNDS = 6;

export interface UnpackedProgram {
  /** Below which the packages lie as they would below `/`. */
  root: string;
  command: string;
  /** What the program needs to find its libraries. */
  env: { LD_LIBRARY_PATH: string };
  /** The program's own words. */
  version: string;
}

export interface Candidate {
  /** From the root of the packages: `usr/bin/redis-server`. */
  program: string;
  packages: readonly string[];
}

export interface UnpackOptions {
  /** In words: `redis-server`. */
  name: string;
  /** The first whose packages the archive has. */
  candidates: readonly Candidate[];
  cache: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * A program of the system's own packages (Debian and Ubuntu) with the libraries it misses, unpacked into `cache`, where
 * it stays for the next time. Nothing is installed and root is not needed. Returns a sentence when that cannot be done.
 */
export async function unpackedProgram(options: UnpackOptions): Promise<UnpackedProgram | string> {
  const { name, candidates, cache, say, signal } = options;
  const kept = await programIn(cache, candidates);
  if (kept) return kept;
  const partial = `${cache}.${process.pid}.partial`;
  try {
    mkdirSync(partial, { recursive: true });
    say(`fetching ${name} from the system’s package archive (nothing is installed) …`);
    const apt = await openApt(join(partial, 'apt'), signal);
    if (typeof apt === 'string') return apt;
    const problem = await unpack(apt, join(partial, 'root'), candidates);
    if (problem) return problem;
    rmSync(join(partial, 'apt'), { recursive: true, force: true });
    return (await keep(partial, cache, candidates)) ?? `the unpacked ${name} does not run here`;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function unpack(apt: Apt, root: string, candidates: readonly Candidate[]): Promise<string | undefined> {
  const problems: string[] = [];
  for (const { program, packages } of candidates) {
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
  const { stdout } = await run('ldd', [join(root, program)], { env: libraryPath(root) });
  return stdout.split('\n').flatMap((line) => /^\s*(\S+) => not found/.exec(line)?.[1] ?? []);
}

/** Another process may have put its own there first: then that one is used. */
async function keep(
  partial: string,
  cache: string,
  candidates: readonly Candidate[],
): Promise<UnpackedProgram | undefined> {
  try {
    renameSync(partial, cache);
  } catch (error) {
    if (!(await programIn(cache, candidates))) {
      rmSync(cache, { recursive: true, force: true });
      renameSync(partial, cache);
    } else if (!existsSync(cache)) throw error;
  }
  return programIn(cache, candidates);
}

async function programIn(
  cache: string,
  candidates: readonly Candidate[],
): Promise<UnpackedProgram | undefined> {
  const root = join(cache, 'root');
  for (const { program } of candidates) {
    const command = join(root, program);
    if (!existsSync(command)) continue;
    const env = libraryPath(root);
    const { ok, stdout } = await run(command, ['--version'], { env, timeoutMs: 10_000 });
    if (ok) return { root, command, env, version: stdout.trim() };
  }
  return undefined;
}

/** Every folder that holds a shared library: usr/lib/x86_64-linux-gnu, and below it what has a folder of its own. */
function libraryPath(root: string): { LD_LIBRARY_PATH: string } {
  const folders = ['usr/lib', 'lib'].flatMap((part) => {
    if (!existsSync(join(root, part))) return [];
    const files = readdirSync(join(root, part), { recursive: true, encoding: 'utf8' });
    const libraries = files.filter((file) => /\.so(\.\d+)*$/.test(file));
    return libraries.map((file) => dirname(join(root, part, file)));
  });
  return { LD_LIBRARY_PATH: [...new Set(folders)].join(delimiter) };
}
