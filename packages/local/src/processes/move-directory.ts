import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';

/**
 * Moves a folder, also to another file system. At every moment at least one of the two names holds the complete folder,
 * and neither holds a part: an interrupted move can be repeated or reversed.
 */
export function moveDirectory(from: string, to: string): void {
  if (!existsSync(from)) return;
  const leaving = `${from}.leaving`;
  for (const left of [leaving, `${to}.leaving`]) rmSync(left, { recursive: true, force: true });
  if (!existsSync(to)) renameOrCopy(from, to);
  if (!existsSync(from)) return;
  renameSync(from, leaving);
  rmSync(leaving, { recursive: true, force: true });
}

function renameOrCopy(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const partial = `${to}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(from, partial, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    // cpSync gives the folder the default mode, which PostgreSQL refuses.
    chmodSync(partial, statSync(from).mode);
    renameSync(partial, to);
  }
}
