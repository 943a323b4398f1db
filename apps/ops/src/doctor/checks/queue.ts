import type { PostgresServerFacts, RedisServerFacts } from '@darkroom/core/queue/inspect';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The minimum and recommended versions of BullMQ. */
const minRedis = [5, 0] as const;
const recommendedRedis = [6, 2] as const;

/** The queue's server can be reached and is configured for a queue. */
export function queue({ environment, queue: ask }: Probes): Check {
  return {
    name: 'queue',
    async run() {
      const name = environment.nameOf('QUEUE_URL');
      try {
        const probe = await ask();
        if (probe === null) return skipped(`${name} is missing or cannot be used`);
        const server = probe.answer;
        return server.backend === 'redis' ? checkRedis(server, name) : checkPostgres(server, name);
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
        'Start Redis, or check host, port and whether it wants TLS (rediss://). Meanwhile jobs are accepted and wait',
      );
}

function checkRedis(server: RedisServerFacts, name: string) {
  const findings: Finding[] = [];
  if (isBelow(server.version, minRedis)) {
    findings.push(
      error(name, `is Redis ${server.version}, too old for the queue`, 'Upgrade to Redis 6.2 or newer'),
    );
  } else if (isBelow(server.version, recommendedRedis)) {
    findings.push(warning(name, `is Redis ${server.version}`, 'Upgrade to Redis 6.2 or newer'));
  }
  if (server.evictionPolicy !== 'noeviction') {
    findings.push(
      error(
        name,
        `has the eviction policy ${server.evictionPolicy}: it drops deliveries when its memory is full`,
        'Set maxmemory-policy noeviction in redis.conf, or redis-cli config set maxmemory-policy noeviction; with a provider, turn eviction off',
      ),
    );
  }
  if (!server.writable) {
    findings.push(error(name, 'is a replica, which accepts no writes', 'Set it to the primary'));
  }
  if (!server.appendOnly) {
    findings.push(
      warning(
        name,
        'has no append-only file: a restart empties the queue, and the sweep must enqueue every job again',
        'Set appendonly yes in redis.conf (ignore this if the provider persists data in another way)',
      ),
    );
  }
  return { findings, seen: `Redis ${server.version}` };
}

function checkPostgres(server: PostgresServerFacts, name: string) {
  const findings = server.notifies
    ? []
    : [
        error(
          name,
          'does not pass on notifications: it is a transaction pooler, through which workers get no jobs',
          'Set it to the direct connection or the session pooler on port 5432',
        ),
      ];
  return { findings, seen: `PostgreSQL ${server.version}` };
}

function isBelow(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}
