import 'vitest';

/** What tests/support/setup.ts hands to every test file, read with inject(). */
declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's, of the database `postgres`. A test file makes its own with createDatabase(). */
    postgresUrl: string;
    /** Null when the run has no Redis. */
    redisUrl: string | null;
    /** Redis when there is one, else a database of this run. */
    queueUrl: string;
  }
}
