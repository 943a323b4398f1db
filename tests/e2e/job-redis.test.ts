import { expect, inject, it } from 'vitest';
import { jobSuite } from './job-suite.ts';

// Where the run has no Redis (QUEUE_URL names Postgres), job-postgres.test.ts is the whole truth.
if (inject('redisUrl') !== null) jobSuite('redis');
else
  it('has no part in a run whose QUEUE_URL is PostgreSQL', () =>
    expect(inject('queueUrl')).toMatch(/^postgres/));
