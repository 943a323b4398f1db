import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import type {} from './provided.ts';

/** Two copies of one template wait for each other: while it is copied, it must have no other session. */
const TEMPLATE_LOCK = 7_264_001;

export interface TestDatabase {
  /** The superuser's. */
  url: string;
  /** Drops it, also while sessions are open. Idempotent. */
  drop(): Promise<void>;
}

/** A database of a test file's own: with the schema of the migrations, or empty. */
export async function createDatabase({
  migrated = true,
}: {
  migrated?: boolean;
} = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = migrated ? 'darkroom_template' : 'template0';
  await withClient(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await client.query(`create database ${name} template ${template}`);
  });
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: () =>
      withClient(server, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
