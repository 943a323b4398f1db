import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { installed, runNpm } from './npm.mjs';

/**
 * Makes node_modules what package-lock.json says, by `npm ci` with the given Node; nothing is done, and no
 * network is needed, when it already is. Of two commands at once, one installs and the other waits.
 * @throws with npm's own words when the installation fails.
 */
export async function installDependencies(root, node, signal) {
  if (isCurrent(root, node)) return;
  await withLock(join(root, '.local/install.lock'), signal, async (onStart) => {
    if (isCurrent(root, node)) return;
    if (!agrees(root)) await install(root, node, signal, onStart);
    writeFileSync(stampFile(root), expectedStamp(root, node));
  });
}

/** npm ci runs no install script: none of the packages needs one, and none gets to run code. */
async function install(root, node, signal, onStart) {
  const result = await installed('the dependencies (npm ci)', () =>
    runNpm(node.path, { args: ['ci', '--include=dev', '--include=optional'], cwd: root, signal, onStart }),
  );
  if (result.ok) return;
  throw new Error(
    `${shorten(result.output)}\nThe dependencies could not be installed: check the network and npm's registry ` +
      '(`npm ping`), then try again, or run `npm ci` yourself.',
  );
}

/** npm adds a page on how to use it. */
function shorten(output) {
  return output.split('\n').slice(0, 20).join('\n');
}

function isCurrent(root, node) {
  return existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === expectedStamp(root, node);
}

function stampFile(root) {
  return join(root, 'node_modules/.darkroom-stamp');
}

function expectedStamp(root, { major }) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lock} node ${major} ${process.platform}-${process.arch}\n`;
}

/**
 * Whether node_modules, though without our stamp, holds what the lockfile names: someone ran npm by hand. npm
 * notes there what it installed; packages for other systems are rightly missing.
 */
function agrees(root) {
  const noted = readPackages(join(root, 'node_modules/.package-lock.json'));
  const named = readPackages(join(root, 'package-lock.json'));
  if (!noted || !named) return false;
  const isSame = ([path, { version, integrity, os, cpu }]) =>
    named[path]?.version === version &&
    named[path]?.integrity === integrity &&
    (os?.includes(process.platform) ?? true) &&
    (cpu?.includes(process.arch) ?? true);
  const isThere = ([path, { optional, devOptional, peer }]) =>
    path === '' || optional || devOptional || peer || path in noted;
  return Object.entries(noted).every(isSame) && Object.entries(named).every(isThere);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
