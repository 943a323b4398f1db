import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../processes/run.ts';
import { pullImage } from './docker.ts';
import type { RedisProgram, RedisServer } from './server.ts';
import { unpackedRedis } from './unpack.ts';

const CACHE = fileURLToPath(new URL('../../../../.local/cache/redis/', import.meta.url));
const PROGRAMS = ['redis-server', 'valkey-server'];

export interface FindRedisOptions {
  /** Called with a message before steps that may take seconds. */
  say?: (line: string) => void;
  /** Folder for an unpacked server; default `.local/cache/redis`. */
  cache?: string;
  /** The limit for the whole search; default 60,000. */
  timeoutMs?: number;
}

/**
 * Finds Redis on PATH, else unpacks the Debian or Ubuntu package into the cache (nothing is installed, and root is not
 * needed), else uses Docker if its daemon answers. Without a result, `tried` says why each attempt failed. Never throws.
 */
export async function findRedis({
  say = () => {},
  cache = CACHE,
  timeoutMs = 60_000,
}: FindRedisOptions = {}): Promise<{ server: RedisServer | null; tried: string[] }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const tried: string[] = [];
  const attempts = [
    () => onPath(),
    () => unpackedRedis({ cache: join(cache, `${process.platform}-${process.arch}`), say, signal }),
    () => pullImage({ say, signal }),
  ];
  for (const attempt of attempts) {
    const found = await attempt().catch((error: unknown) => String(error));
    if (typeof found !== 'string') return { server: found, tried };
    tried.push(found);
  }
  return { server: null, tried };
}

async function onPath(): Promise<RedisProgram | string> {
  for (const command of PROGRAMS) {
    const { ok, stdout } = await run(command, ['--version'], { timeoutMs: 5_000 });
    if (ok) return { kind: 'program', command, env: {}, version: stdout.trim() };
  }
  return `${PROGRAMS.join(' or ')} is not on PATH`;
}
