/**
 * node scripts/run.mjs <file.ts> [args…] runs a TypeScript file from the root of the repository; every script in
 * package.json goes through it. It first installs what is missing: Node 24 if this Node is older, and the
 * dependencies in package-lock.json. It needs Node 18 and npm, and prints to standard error only.
 */
import { spawn } from 'node:child_process';
import Module from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies, installNode, NODE_MAJOR } from './run/install.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, ...args] = process.argv.slice(2);

watchParent();
for (const signal of SIGNALS) process.on(signal, exitBySignal);
try {
  if (!file) throw new Error('usage: node scripts/run.mjs <file.ts> [args…]');
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) runWith(await installNode());
  else {
    await installDependencies(root);
    runHere();
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/**
 * Ends this process when the npm or run.mjs that started it is gone: a SIGKILL cannot be passed on. A process that
 * a user's shell started may outlive that shell.
 */
function watchParent() {
  const parent = Number(process.env.DARKROOM_RUNNER) || (process.env.npm_lifecycle_event && process.ppid);
  delete process.env.DARKROOM_RUNNER;
  if (!parent) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  timer.unref();
}

function exitBySignal(signal) {
  process.exit(128 + constants.signals[signal]);
}

/** Runs this file again with a newer Node. */
function runWith(node) {
  const env = { ...process.env, DARKROOM_RUNNER: String(process.pid) };
  const child = spawn(node, process.argv.slice(1), { env, stdio: 'inherit' });
  for (const signal of SIGNALS) process.off(signal, exitBySignal).on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => (signal ? exitBySignal(signal) : process.exit(code)));
}

/** As if Node had been started with the file. */
function runHere() {
  process.env.INIT_CWD ??= process.cwd();
  process.env.PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  process.chdir(root);
  process.argv = [process.execPath, join(root, file), ...args];
  for (const signal of SIGNALS) process.off(signal, exitBySignal);
  ignoreRepeatedSignals();
  Module.runMain(process.argv[1]);
}

/** Ctrl-C arrives up to three times: from the terminal, from npm and from runWith. A second one a second later counts. */
function ignoreRepeatedSignals() {
  const emit = process.emit;
  const lastAt = {};
  process.emit = function (event, ...rest) {
    if (SIGNALS.includes(event)) {
      if (performance.now() - lastAt[event] < 1_000) return true;
      lastAt[event] = performance.now();
    }
    return emit.call(this, event, ...rest);
  };
}
