import { randomUUID } from 'node:crypto';
import type { Forget, Reaper } from '../processes/reaper.ts';
import { run } from '../processes/run.ts';
import { type ManagedProcess, spawnManaged } from '../processes/spawn.ts';
import type { RedisServer } from './server.ts';

export interface LaunchOptions {
  server: RedisServer;
  reaper: Reaper;
  port: number;
  directory: string;
  appendOnly: boolean;
  log: string;
}

export interface RunningRedis {
  process: ManagedProcess;
  signal(signal: NodeJS.Signals): Promise<void>;
}

/** Starts the server's process or container. Does not wait until it answers. */
export function launch(options: LaunchOptions): Promise<RunningRedis> {
  return options.server.kind === 'program'
    ? launchProgram(options, options.server.command, options.server.env)
    : launchImage(options, options.server.image);
}

async function launchProgram(
  options: LaunchOptions,
  command: string,
  env: Record<string, string>,
): Promise<RunningRedis> {
  const { reaper, port, directory, log } = options;
  const process = await spawnManaged(reaper, {
    name: 'Redis',
    command,
    args: [...commonArgs(options), '--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...env },
    cwd: directory,
    output: log,
  });
  return {
    process,
    signal: async (signal) => {
      process.child.kill(signal);
    },
  };
}

/** `docker run` stays in the foreground as the managed process; only the daemon can remove the container. */
async function launchImage(options: LaunchOptions, image: string): Promise<RunningRedis> {
  const { reaper, port, directory, log } = options;
  const name = `darkroom-redis-${randomUUID().slice(0, 8)}`;
  const forget: Forget = reaper.runAtEnd('docker', ['rm', '--force', '--volumes', name]);
  const process = await spawnManaged(reaper, {
    name: 'Redis',
    command: 'docker',
    args: [
      ...['run', '--rm', '--name', name, '--label', `darkroom=${reaper.env.DARKROOM_STACK}`],
      ...['--publish', `127.0.0.1:${port}:6379`, '--volume', `${directory}:/data`, image],
      ...['redis-server', ...commonArgs(options), '--dir', '/data', '--protected-mode', 'no'],
    ],
    output: log,
  });
  void process.exited.then(async () => {
    await run('docker', ['rm', '--force', '--volumes', name], { timeoutMs: 5_000 });
    forget();
  });
  return {
    process,
    signal: async (signal) => {
      await run('docker', ['kill', '--signal', signal, name], { timeoutMs: 5_000 });
    },
  };
}

function commonArgs({ appendOnly }: LaunchOptions): string[] {
  return ['--save', '', '--appendonly', appendOnly ? 'yes' : 'no', '--maxmemory-policy', 'noeviction'];
}
