import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { startPostgres } from '@darkroom/local/postgres/start';
import { createReaper, type Reaper } from '@darkroom/local/processes/reaper';
import { findRedis } from '@darkroom/local/redis/find';
import { startRedis } from '@darkroom/local/redis/start';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startContainers, wantsContainers } from './containers.ts';
import type {} from './provided.ts';

/**
 * The outside parts that all suites of one run share: one Postgres with a migrated template, one Redis.
 * QUEUE_URL names a queue to use instead of that Redis; `postgres://` alone is a database of this run.
 * TEST_STACK=containers takes both from containers instead of from programs on this machine.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Inherited by everything that the tests start: compiling our TypeScript is most of what starting a process costs.
  process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, '../../.local/cache/node');
  const reaper = createReaper();
  const containers = wantsContainers(process.env.TEST_STACK) ? await startContainers(process.env) : undefined;
  try {
    const postgres = containers
      ? { url: containers.postgresUrl, stop: containers.stop }
      : await startPostgres({ reaper });
    await execute(postgres.url, 'create database darkroom_template');
    await migrate(withDatabase(postgres.url, 'darkroom_template'));
    const queue = await chooseQueue(reaper, postgres.url, process.env.QUEUE_URL || containers?.redisUrl);
    project.provide('postgresUrl', postgres.url);
    project.provide('redisUrl', queue.redisUrl);
    project.provide('queueUrl', queue.queueUrl);
    return async () => {
      await queue.stop();
      await postgres.stop();
      await reaper.close();
    };
  } catch (error) {
    await containers?.stop();
    await reaper.close();
    throw error;
  }
}

interface Queue {
  redisUrl: string | null;
  queueUrl: string;
  stop(): Promise<void>;
}

async function chooseQueue(reaper: Reaper, postgresUrl: string, wanted: string | undefined): Promise<Queue> {
  const stop = async () => {};
  if (wanted === 'postgres://') {
    return { redisUrl: null, queueUrl: await createQueueDatabase(postgresUrl), stop };
  }
  if (wanted) return { redisUrl: /^rediss?:/.test(wanted) ? wanted : null, queueUrl: wanted, stop };

  const { server, tried } = await findRedis({ say: tell });
  if (server) {
    const redis = await startRedis({ reaper, server });
    return { redisUrl: redis.url, queueUrl: redis.url, stop: redis.stop };
  }
  const missing = `There is no Redis here: ${tried.join('; ')}.`;
  if (process.env.CI) throw new Error(`${missing} In CI every suite must run: install redis-server.`);
  tell(`${missing} The queue is a Postgres database, and the suites that need Redis are skipped.`);
  return { redisUrl: null, queueUrl: await createQueueDatabase(postgresUrl), stop };
}

async function createQueueDatabase(postgresUrl: string): Promise<string> {
  await execute(postgresUrl, 'create database darkroom_queue');
  return withDatabase(postgresUrl, 'darkroom_queue');
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
