import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';

/**
 * Moves a folder, also to another file system. `to` appears whole or not at all, and a move that was cut short
 * can be made again; when `from` is gone, or `to` is already there, nothing is lost.
 */
export function moveDirectory(from: string, to: string): void {
  if (!existsSync(from)) return;
  if (!existsSync(to)) renameOrCopy(from, to);
  rmSync(from, { recursive: true, force: true });
}

function renameOrCopy(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const partial = `${to}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(from, partial, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    renameSync(partial, to);
  }
}
