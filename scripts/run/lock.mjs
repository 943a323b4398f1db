import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a lock, which is a folder with one file named by its owner's pid; without a file it is free. Taking it
 * is one rename, so only one of several waiting processes succeeds. When this process exits, it is released.
 */
export async function acquireLock(lock) {
  const staged = `${lock}.${process.pid}`;
  let held = join(lock, String(process.pid));
  const release = () => {
    for (const path of [staged, held]) rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', release);
  mkdirSync(staged, { recursive: true });
  writeFileSync(join(staged, String(process.pid)), '');
  for (let waits = 0; !tryRename(staged, lock) && !takeFromDead(lock, held); waits += 1) {
    if (waits === 0) process.stderr.write(`Waiting for another command to install (lock: ${lock}) …\n`);
    await sleep(200);
  }
  return {
    release,
    /** The lock is then held while that process runs, even if this one is killed. */
    passTo(pid) {
      const next = join(lock, String(pid));
      renameSync(held, next);
      held = next;
    },
  };
}

function takeFromDead(lock, held) {
  const [owner] = readdirSync(lock);
  return owner !== undefined && !isAlive(Number(owner)) && tryRename(join(lock, owner), held);
}

function tryRename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
