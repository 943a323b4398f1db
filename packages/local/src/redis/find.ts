import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../processes/run.ts';
import { pullImage } from './docker.ts';
import type { RedisProgram, RedisServer } from './server.ts';
import { unpackedRedis } from './unpack.ts';

const CACHE = fileURLToPath(new URL('../../../../.local/cache/redis/', import.meta.url));
const PROGRAMS = ['redis-server', 'valkey-server'];

export interface FindRedisOptions {
  /** Told what is being done, when it may take seconds. */
  say?: (line: string) => void;
  /** Where an unpacked server is kept; default `.local/cache/redis`. */
  cache?: string;
  /** For all of it together; default 60,000. */
  timeoutMs?: number;
}

/**
 * Finds a real Redis: on PATH, else the system's own package unpacked into the cache (Debian and Ubuntu; nothing is
 * installed, root is not needed), else by Docker if its daemon answers. When there is none, `tried` has a
 * sentence for each. Never throws.
 */
export async function findRedis({
  say = () => {},
  cache = CACHE,
  timeoutMs = 60_000,
}: FindRedisOptions = {}): Promise<{ server: RedisServer | null; tried: string[] }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const tried: string[] = [];
  const ways = [
    () => onPath(),
    () => unpackedRedis({ cache: join(cache, `${process.platform}-${process.arch}`), say, signal }),
    () => pullImage({ say, signal }),
  ];
  for (const way of ways) {
    const found = await way().catch((error: unknown) => String(error));
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
