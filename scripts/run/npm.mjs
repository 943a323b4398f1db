import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

/**
 * Runs npm by the given Node, without install scripts, and without a word of its own.
 * Resolves with whether it went well, and what it said; `onStart` is told its pid.
 */
export function runNpm(node, { args, cwd, signal, onStart }) {
  const quiet = ['--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund', '--no-progress'];
  const { command, before } = findNpm(node);
  const env = { ...cleanEnvironment(), PATH: [dirname(node), process.env.PATH].join(delimiter) };
  return new Promise((resolve) => {
    const child = spawn(command, [...before, ...args, ...quiet, ...cacheOption(cwd)], {
      cwd,
      env,
      shell: process.platform === 'win32' && before.length === 0,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    // SIGTERM would let npm go on for seconds; half an installation is made anew in any case.
    signal.addEventListener('abort', () => child.kill('SIGKILL'));
    onStart?.(child.pid);
    child.once('error', (error) =>
      resolve({ ok: false, output: `npm could not be started: ${error.message}` }),
    );
    child.once('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}

/** Says on standard error what is being installed, and how long it took. */
export async function installed(what, work) {
  const begun = performance.now();
  process.stderr.write(`Installing ${what} …\n`);
  const result = await work();
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  if (result.ok) process.stderr.write(`Installed in ${seconds} s.\n`);
  return result;
}

/** The npm that runs this script, if it is one that does, else the one on PATH. */
function findNpm(node) {
  const cli = process.env.npm_execpath ?? '';
  if (basename(cli) === 'npm-cli.js') return { command: node, before: [cli] };
  return { command: 'npm', before: [] };
}

/** Not what an outer npm tells of the script it runs; the user's own settings, such as a registry, stay. */
function cleanEnvironment() {
  const notOurs =
    /^npm_(lifecycle|package|command|execpath|node_execpath|config_(local_prefix|loglevel|workspace))/;
  const kept = Object.entries(process.env).filter(([name]) => !notOurs.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: '' };
}

/** npm's own cache, if it can be written to; a container may have no home. */
function cacheOption(cwd) {
  const cache = process.env.npm_config_cache ?? join(homedir(), '.npm');
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return [];
  } catch {
    return ['--cache', join(cwd, '.local/npm-cache')];
  }
}
