import { type Candidate, unpackedProgram } from '../debian/unpack.ts';
import type { RedisProgram } from './server.ts';

const CANDIDATES: Candidate[] = [
  { program: 'usr/bin/redis-server', packages: ['redis-server', 'redis-tools'] },
  { program: 'usr/bin/valkey-server', packages: ['valkey-server', 'valkey-tools'] },
];

/**
 * Unpacks the server of the system's packages into `cache`, and keeps it there. Returns an explanation when it fails.
 */
export async function unpackedRedis(options: {
  cache: string;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<RedisProgram | string> {
  const found = await unpackedProgram({ ...options, name: 'redis-server', candidates: CANDIDATES });
  return typeof found === 'string' ? found : { kind: 'program', ...found };
}
