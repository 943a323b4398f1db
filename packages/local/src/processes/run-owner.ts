import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/**
 * For tests of what outlives a process: runs `source`, an ES module that may import by paths relative to
 * `directory`, in a Node of its own, and resolves with the first line it prints, parsed as JSON.
 */
export async function runOwner<Report>(
  directory: string,
  source: string,
  env: Record<string, string> = {},
): Promise<{ owner: ChildProcess; report: Report; outputClosed: Promise<void> }> {
  const base = pathToFileURL(`${directory}/`).href;
  const module = source.replaceAll(/from '(\.[^']+)'/g, (_, path) => `from '${new URL(path, base).href}'`);
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', module], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const outputClosed = new Promise<void>((resolve) => owner.stdout.once('close', () => resolve()));
  const lines = createInterface({ input: owner.stdout });
  const report = await new Promise<Report>((resolve, reject) => {
    lines.once('line', (line) => resolve(JSON.parse(line)));
    owner.once('exit', (code) => reject(new Error(`the owner ended with ${code} before it reported`)));
  });
  return { owner, report, outputClosed };
}
