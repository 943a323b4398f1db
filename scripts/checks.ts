import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const local = path.join(root, '.local');

/** Turbo and Vitest keep what they keep in the clone, and report nothing to anyone. */
const quiet = {
  XDG_CACHE_HOME: path.join(local, 'cache'),
  XDG_CONFIG_HOME: path.join(local, 'config'),
  XDG_DATA_HOME: path.join(local, 'data-home'),
  TURBO_CACHE_DIR: path.join(local, 'turbo'),
  TURBO_CONFIG_DIR_PATH: path.join(local, 'config/turborepo'),
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
};

/** Runs tasks of turbo.json side by side, and all of them even if one fails. Resolves with whether all went well. */
export function runTasks(...tasks: string[]): Promise<boolean> {
  return runTool('turbo', ['run', ...tasks, '--continue', '--output-logs=errors-only']);
}

/** Runs a program of node_modules/.bin in the root, its output shown. Resolves with whether it went well. */
export function runTool(name: string, args: string[]): Promise<boolean> {
  return run(path.join(root, 'node_modules/.bin', name), args);
}

/** Runs a TypeScript file of ours in the root, its output shown. Resolves with whether it went well. */
export function runScript(file: string, args: string[]): Promise<boolean> {
  return run(process.execPath, [file, ...args]);
}

function run(command: string, args: string[]): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...quiet },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of signals) process.off(signal, pass);
      resolve(code === 0);
    });
  });
}
