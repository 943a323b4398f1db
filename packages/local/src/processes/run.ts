import { execFile } from 'node:child_process';

export interface Run {
  ok: boolean;
  stdout: string;
  /** Why it failed: the last line of its output, or the system's message. */
  reason: string;
}

/** Runs a program until it ends or the signal aborts. Returns failures instead of throwing. */
export function run(
  command: string,
  args: readonly string[],
  options: { signal?: AbortSignal; cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<Run> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    execFile(command, args, { ...rest, timeout: timeoutMs, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      const lastLine = stderr.trim().split('\n').at(-1);
      resolve({ ok: !error, stdout, reason: lastLine || (error?.message.split('\n')[0] ?? '') });
    });
  });
}
