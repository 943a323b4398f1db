import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNpm } from './ancestors.mjs';

const POLL_MS = 200;
const BEAT_MS = 2_000;
const STALE_AFTER_MS = 30_000;

/**
 * Does the work while no other process of this clone does work under the same lock. The lock is a folder with
 * its owner's pid; one whose owner is dead, or has not shown a sign of life for 30 s, is broken, and the npm
 * that the owner may have left behind is ended. `work` hands the pid of that npm to its argument.
 */
export async function withLock(lock, signal, work) {
  mkdirSync(dirname(lock), { recursive: true });
  await acquire(lock, signal);
  const release = () => rmSync(lock, { recursive: true, force: true });
  const beat = setInterval(() => showLife(lock), BEAT_MS);
  signal.addEventListener('abort', release);
  try {
    return await work((pid) => writeFileSync(join(lock, 'npm'), String(pid)));
  } finally {
    clearInterval(beat);
    signal.removeEventListener('abort', release);
    release();
  }
}

/** The folder is made aside with the pid already in it: renaming it to a lock that is held fails. */
async function acquire(lock, signal) {
  const mine = `${lock}.${process.pid}`;
  signal.addEventListener('abort', () => rmSync(mine, { recursive: true, force: true }));
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeFileSync(join(mine, 'pid'), String(process.pid));
  for (let said = false; !take(mine, lock); ) {
    if (isStale(lock)) breakLock(lock, mine);
    else if (!said) process.stderr.write('Waiting for another command that is installing …\n');
    said = true;
    await sleep(POLL_MS);
  }
}

function take(mine, lock) {
  try {
    renameSync(mine, lock);
    return true;
  } catch {
    return false;
  }
}

function showLife(lock) {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Whoever broke the lock took this process for dead; its work is nearly done.
  }
}

function isStale(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_AFTER_MS) return true;
    process.kill(ownerOf(lock), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Moved aside first, and looked at again: it may just have become another's. */
function breakLock(lock, mine) {
  const aside = `${mine}.broken`;
  const owner = ownerOf(lock);
  const npm = pidIn(lock, 'npm');
  try {
    renameSync(lock, aside);
    if (ownerOf(aside) !== owner) return renameSync(aside, lock);
    if (isNpm(npm)) process.kill(npm, 'SIGKILL');
  } catch {
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}

function ownerOf(lock) {
  return pidIn(lock, 'pid');
}

function pidIn(lock, name) {
  try {
    return Number(readFileSync(join(lock, name), 'utf8'));
  } catch {
    return 0;
  }
}
