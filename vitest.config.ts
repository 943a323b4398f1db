import { defineConfig } from 'vitest/config';

/**
 * Suites on the real parts. One Postgres and one Redis serve the whole run (tests/support/setup.ts);
 * each file owns its database, its queue namespace and its bucket.
 */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'packages/*/src/**/*.parts.test.ts', 'apps/*/src/**/*.parts.test.ts'],
    globalSetup: ['tests/support/setup.ts'],
    pool: 'forks',
    // More than two cores: much of the time goes on waiting for deadlines and leases.
    maxWorkers: 3,
    // A busy machine is no failure: what never comes is.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
