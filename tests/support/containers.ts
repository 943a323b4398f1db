import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';

export interface Containers {
  /** The superuser's. */
  postgresUrl: string;
  redisUrl: string;
  stop(): Promise<void>;
}

/** The settings that the local stack's own server has, too (packages/local/src/postgres/settings.ts). */
const postgresSettings = {
  max_connections: '200',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  timezone: 'UTC',
  fsync: 'off',
};

/**
 * Postgres and Redis in containers of this run's own, on free ports; those that a crash leaves behind are removed by
 * Testcontainers' own reaper.
 * @throws with what to do, when no container engine answers or an image cannot be had.
 */
export async function startContainers(environment: Record<string, string | undefined>): Promise<Containers> {
  const images = chooseImages(environment);
  await getContainerRuntimeClient().catch((error: unknown) => {
    throw new Error(
      `TEST_STACK=containers needs a container engine that answers (${error instanceof Error ? error.message : error}). ` +
        'Start Docker or Podman, or name it by DOCKER_HOST; without TEST_STACK the tests need none.',
    );
  });

  const started: StartedTestContainer[] = [];
  const stop = async () => {
    await Promise.all(started.splice(0).map((container) => container.stop()));
  };
  try {
    const postgres = await new PostgreSqlContainer(images.postgres)
      .withDatabase('postgres')
      .withUsername('postgres')
      .withPassword('postgres')
      .withCommand([
        'postgres',
        ...Object.entries(postgresSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ])
      .start();
    started.push(postgres);
    const redis = await new GenericContainer(images.redis)
      .withCommand([
        'redis-server',
        '--maxmemory-policy',
        'noeviction',
        '--save',
        '',
        '--protected-mode',
        'no',
      ])
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    started.push(redis);
    return {
      postgresUrl: postgres.getConnectionUri(),
      redisUrl: `redis://${redis.getHost()}:${redis.getMappedPort(6379)}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(
      `A container could not be started: ${error instanceof Error ? error.message : error}. ` +
        `The images are ${images.postgres} (POSTGRES_IMAGE) and ${images.redis} (REDIS_IMAGE).`,
    );
  }
}

/** The images, each by its variable, as in docker-compose.yml. */
export function chooseImages(environment: Record<string, string | undefined>): {
  postgres: string;
  redis: string;
} {
  return {
    postgres: environment.POSTGRES_IMAGE?.trim() || 'postgres:18',
    redis: environment.REDIS_IMAGE?.trim() || 'redis:8-bookworm',
  };
}

/** Whether TEST_STACK asks for containers. @throws when it asks for something else. */
export function wantsContainers(stack: string | undefined): boolean {
  if (!stack || stack === 'local') return false;
  if (stack === 'containers') return true;
  throw new Error(`TEST_STACK=${stack}: say "containers", or leave it out for programs on this machine`);
}
