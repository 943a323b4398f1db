import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const WATCH_EVERY_MS = process.platform === 'linux' ? 250 : 2_000;
const MAX_DEPTH = 8;
const NPM = /(^|[/\\\s\0])(npm|npx|pnpm|yarn)(-cli)?(\.c?js)?([\s\0]|$)/;

/**
 * The processes from this one up to the npm that runs it, as pairs of child and parent; without npm, only the
 * run.mjs of an older Node that started this one, if there is one. Never further: what a user's shell started
 * may well outlive it.
 */
export function findAncestors() {
  const runner = Number(process.env.DARKROOM_RUNNER);
  delete process.env.DARKROOM_RUNNER;
  if (process.platform === 'win32') return [];
  const chain = process.env.npm_lifecycle_event ? chainToNpm() : undefined;
  if (chain) return chain;
  return runner ? [{ pid: process.pid, parent: runner }] : [];
}

/**
 * Calls back once when one of them is gone: its child then has another parent. npm passes a SIGTERM on, but a
 * SIGKILL ends npm alone. Does not keep the process alive. Returns how to stop.
 */
export function watchAncestors(ancestors, onGone) {
  if (ancestors.length === 0) return () => {};
  const timer = setInterval(() => {
    if (ancestors.every(({ pid, parent }) => look(pid)?.parent === parent)) return;
    clearInterval(timer);
    onGone();
  }, WATCH_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whether a process is alive and an npm, by its command line. */
export function isNpm(pid) {
  return pid > 0 && NPM.test(look(pid)?.command ?? '');
}

function chainToNpm() {
  const chain = [];
  let pid = process.pid;
  while (chain.length < MAX_DEPTH) {
    const parent = look(pid)?.parent;
    if (!parent) return undefined;
    chain.push({ pid, parent });
    if (isNpm(parent)) return chain;
    pid = parent;
  }
  return undefined;
}

function look(pid) {
  try {
    return process.platform === 'linux' ? lookInProc(pid) : askPs(pid);
  } catch {
    return undefined;
  }
}

function lookInProc(pid) {
  if (pid === process.pid) return { parent: process.ppid, command: '' };
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return { parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
}

function askPs(pid) {
  if (pid === process.pid) return { parent: process.ppid, command: '' };
  const line = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parent, command] = /^\s*(\d+)\s+(.*)$/s.exec(line) ?? [];
  return parent ? { parent: Number(parent), command } : undefined;
}
