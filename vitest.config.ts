import { defineConfig } from 'vitest/config';

const onRealParts = ['tests/**/*.test.ts', '{apps,packages}/*/src/**/*.parts.test.ts'];

export default defineConfig({
  test: {
    // More than two cores: the suites spend much of their time waiting for deadlines and leases.
    maxWorkers: 3,
    // A worker process serves many files, so that imports, and deployments that files share, are paid for once.
    isolate: false,
    // A busy machine is slow, which is no failure.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    tags: [{ name: 'slow', description: 'Takes long by its nature: runs with `npm test -- --all`.' }],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,packages}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: onRealParts,
        },
      },
      {
        extends: true,
        test: {
          // One Postgres and one Redis serve the whole run; each file owns its database, its queue namespace and its bucket.
          name: 'suites',
          include: onRealParts,
          globalSetup: ['tests/support/setup.ts'],
          pool: 'forks',
        },
      },
    ],
  },
});
