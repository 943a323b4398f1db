import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../processes/run.ts';
import { type Apt, openApt } from './apt.ts';

/** Libraries depend on libraries; after this many rounds the package is taken as unable to run here. */
const LIBRARY_ROUNDS = 6;

export interface UnpackedProgram {
  /** The folder that stands for `/` in the packages. */
  root: string;
  command: string;
  /** The variables by which the program finds its libraries. */
  env: { LD_LIBRARY_PATH: string };
  /** The output of `--version`. */
  version: string;
}

export interface Candidate {
  /** The path below the root: `usr/bin/redis-server`. */
  program: string;
  packages: readonly string[];
}

export interface UnpackOptions {
  /** For messages: `redis-server`. */
  name: string;
  /** Tried in order until one can be unpacked and runs. */
  candidates: readonly Candidate[];
  cache: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Unpacks a program of the system's packages (Debian and Ubuntu) with the libraries it misses into `cache`, and keeps it
 * there. Nothing is installed and root is not needed. Returns an explanation when it fails.
 */
export async function unpackedProgram(options: UnpackOptions): Promise<UnpackedProgram | string> {
  const { name, candidates, cache, say, signal } = options;
  const kept = await programIn(cache, candidates);
  if (kept) return kept;
  const partial = `${cache}.${process.pid}.partial`;
  try {
    mkdirSync(partial, { recursive: true });
    say(`Downloading ${name} from the package archive of this system (nothing is installed) …`);
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

/** Downloads dependencies until the linker finds every library. */
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

/** Uses the copy of another process when that one finished first. */
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

/** Every folder with a shared library, such as usr/lib/x86_64-linux-gnu and folders below it. */
function libraryPath(root: string): { LD_LIBRARY_PATH: string } {
  const folders = ['usr/lib', 'lib'].flatMap((part) => {
    if (!existsSync(join(root, part))) return [];
    const files = readdirSync(join(root, part), { recursive: true, encoding: 'utf8' });
    const libraries = files.filter((file) => /\.so(\.\d+)*$/.test(file));
    return libraries.map((file) => dirname(join(root, part, file)));
  });
  return { LD_LIBRARY_PATH: [...new Set(folders)].join(delimiter) };
}
