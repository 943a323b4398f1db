/**
 * node scripts/run.mjs <file.ts> [args…]: what every script of package.json goes through.
 *
 * Makes sure of a Node that runs TypeScript (>= 24, else fetched from npm into .local/toolchain) and of the
 * dependencies that package-lock.json names, then runs the file from the root of the repository, in this
 * process if its Node will do. Runs on Node >= 18 without any dependency; all it says goes to standard error.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import Module from 'node:module';
import { constants as system } from 'node:os';
import { delimiter, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAncestors, watchAncestors } from './run/ancestors.mjs';
import { installDependencies } from './run/dependencies.mjs';
import { findNode } from './run/node.mjs';
import { hearSignalsOnce, SIGNALS } from './run/signals.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function main(file, args) {
  if (!file) throw new Error('usage: node scripts/run.mjs <file.ts> [args…]');
  const path = resolve(ROOT, file);
  if (!existsSync(path)) throw new Error(`There is no ${file} in ${ROOT}.`);
  const ancestors = findAncestors();
  const node = await prepare(ancestors);
  process.env.INIT_CWD ??= process.cwd();
  process.env.PATH = [dirname(node.path), process.env.PATH].join(delimiter);
  process.chdir(ROOT);
  if (node.path === process.execPath) runHere(path, args, ancestors);
  else runThere(node.path, path, args);
}

/** Ended by a signal, or with npm, while it installs: so is what it started. */
async function prepare(ancestors) {
  const interrupt = new AbortController();
  const stopWatching = watchAncestors(ancestors, () => interrupt.abort('SIGTERM'));
  const onSignal = (signal) => interrupt.abort(signal);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  interrupt.signal.addEventListener('abort', () =>
    setImmediate(() => process.exit(exitCode(interrupt.signal.reason))),
  );
  const node = await findNode(ROOT, interrupt.signal);
  await installDependencies(ROOT, node, interrupt.signal);
  stopWatching();
  for (const signal of SIGNALS) process.off(signal, onSignal);
  return node;
}

/** As if Node had been started with the file. */
function runHere(path, args, ancestors) {
  process.argv = [process.execPath, path, ...args];
  hearSignalsOnce();
  watchAncestors(ancestors, () => process.kill(process.pid, 'SIGTERM'));
  Module.runMain(path);
}

/** Through this file again: there it watches this process and those above it. */
function runThere(node, path, args) {
  const env = { ...process.env, DARKROOM_RUNNER: String(process.pid) };
  const child = spawn(node, [fileURLToPath(import.meta.url), path, ...args], { env, stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(signal ? exitCode(signal) : code));
}

function exitCode(signal) {
  return 128 + system.signals[signal];
}
