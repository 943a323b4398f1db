import pg from 'pg';
import { inject } from 'vitest';
import { testQueueBackend } from './conformance.ts';
import { parseQueueUrl } from './location.ts';

testQueueBackend({ name: 'PostgreSQL', url: inject('postgresUrl'), breakLock });

async function breakLock(queueUrl: string, id: string): Promise<void> {
  const location = parseQueueUrl(queueUrl);
  const client = new pg.Client({ connectionString: location.url });
  await client.connect();
  const schema = 'schema' in location ? location.schema : '';
  await client.query(`update ${schema}.job set lock_token = 'taken' where id = $1`, [id]);
  await client.end();
}
