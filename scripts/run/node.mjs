import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { installed, runNpm } from './npm.mjs';

const MAJOR = 24;
const VERSION = '24.21.0';

/**
 * A Node that runs TypeScript, `{ path, major }`: the running one, else one kept in .local/toolchain, else one
 * fetched there from npm, which has Node's own builds as packages.
 * @throws when it cannot be fetched or does not run here; the message says how to mend.
 */
export async function findNode(root, signal) {
  const running = majorOf(process.version);
  if (running >= MAJOR) return { path: process.execPath, major: running };
  const toolchain = join(root, '.local/toolchain');
  const name = packageName();
  const node = join(
    toolchain,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (!runs(node)) {
    await withLock(join(root, '.local/toolchain.lock'), signal, async (onStart) => {
      if (!runs(node)) await fetchNode(toolchain, name, signal, onStart);
    });
  }
  if (runs(node)) return { path: node, major: MAJOR };
  throw new Error(`The Node ${MAJOR} from npm (${name}) does not run on this system.\n${howToMend()}`);
}

async function fetchNode(toolchain, name, signal, onStart) {
  mkdirSync(toolchain, { recursive: true });
  const install = (version) =>
    runNpm(process.execPath, {
      args: ['install', '--prefix', toolchain, '--no-save', '--no-package-lock', `${name}@${version}`],
      cwd: toolchain,
      signal,
      onStart,
    });
  const what = `Node ${MAJOR} (this is ${process.version}; kept in .local/toolchain)`;
  const result = await installed(what, async () => {
    const exact = await install(VERSION);
    return exact.ok ? exact : install(String(MAJOR));
  });
  if (!result.ok) {
    throw new Error(
      `${result.output}\nNode ${MAJOR} could not be fetched from npm (${name}).\n${howToMend()}`,
    );
  }
}

function packageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

function runs(node) {
  try {
    return existsSync(node) && majorOf(execFileSync(node, ['-v'], { encoding: 'utf8' })) >= MAJOR;
  } catch {
    return false;
  }
}

function majorOf(version) {
  return Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
}

function howToMend() {
  return `Install Node ${MAJOR} or newer (https://nodejs.org), or check the network and npm's registry, and try again.`;
}
