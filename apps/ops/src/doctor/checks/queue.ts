import type { PostgresServerFacts, RedisServerFacts } from '@darkroom/core/queue/inspect';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Parts } from '../parts.ts';

/** What BullMQ needs at the least, and recommends. */
const oldestRedis = [5, 0] as const;
const goodRedis = [6, 2] as const;

/** The queue's server: there, and of the right kind. */
export function queue({ environment, queue: ask }: Parts): Check {
  return {
    name: 'queue',
    async run() {
      const name = environment.nameOf('QUEUE_URL');
      try {
        const probe = await ask();
        if (probe === null) return skipped(`${name} is missing or cannot be used`);
        const server = probe.answer;
        return server.backend === 'redis' ? aboutRedis(server, name) : aboutPostgres(server, name);
      } catch (problem) {
        const { message, cause } = problem as Error;
        const why =
          cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
        return { findings: [unreachable(name, why)] };
      }
    },
  };
}

function unreachable(name: string, why: string): Finding {
  const refused = /WRONGPASS|NOAUTH|NOPERM|password|authentication/i.test(why);
  return refused
    ? error(name, `is refused (${why})`, 'Check user and password in it (percent-encoded?)')
    : error(
        name,
        `cannot be reached (${why})`,
        'Start Redis, or check host, port and whether it wants TLS (rediss://). Jobs are accepted meanwhile and wait for it',
      );
}

function aboutRedis(server: RedisServerFacts, name: string) {
  const findings: Finding[] = [];
  if (isBelow(server.version, oldestRedis)) {
    findings.push(
      error(name, `is Redis ${server.version}, too old for the queue`, 'Upgrade to Redis 6.2 or newer'),
    );
  } else if (isBelow(server.version, goodRedis)) {
    findings.push(warning(name, `is Redis ${server.version}`, 'Upgrade to Redis 6.2 or newer'));
  }
  if (server.evictionPolicy !== 'noeviction') {
    findings.push(
      error(
        name,
        `has the eviction policy ${server.evictionPolicy}: when its memory is full, it throws deliveries away`,
        'Set maxmemory-policy noeviction in redis.conf, or redis-cli config set maxmemory-policy noeviction; with a provider, turn eviction off',
      ),
    );
  }
  if (!server.writable) {
    findings.push(error(name, 'is a replica, which takes no writes', 'Name the primary in it'));
  }
  if (!server.appendOnly) {
    findings.push(
      warning(
        name,
        'keeps no append-only file: a restart empties the queue, and the sweeper has to deliver everything anew',
        'Set appendonly yes in redis.conf (a provider that keeps data its own way may ignore this)',
      ),
    );
  }
  return { findings, seen: `Redis ${server.version}` };
}

function aboutPostgres(server: PostgresServerFacts, name: string) {
  const findings = server.notifies
    ? []
    : [
        error(
          name,
          'does not pass notifications on: it is a transaction pooler, behind which workers wait in vain',
          'Name the direct connection or the session pooler on port 5432 in it',
        ),
      ];
  return { findings, seen: `PostgreSQL ${server.version}` };
}

function isBelow(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}
