import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const onRealParts = ['tests/**/*.test.ts', '{apps,packages}/*/src/**/*.parts.test.ts'];

/** What takes longest begins first, so that no long file is left alone at the end. Vitest itself goes by size on a first run. */
const longest = [
  'failures/chaos/',
  'failures/scenarios/',
  'e2e/job-',
  'upgrade/',
  'e2e/fuzz',
  'e2e/webhooks-out',
  'web/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((part) => moduleId.includes(`/tests/${part}`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    // More than two cores: the suites spend much of their time waiting for deadlines and leases.
    maxWorkers: 3,
    // A worker process serves many files, so that imports, and deployments that files share, are paid for once.
    isolate: false,
    sequence: { sequencer: LongestFirst },
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
