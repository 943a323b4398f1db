import { defineConfig } from 'vitest/config';

/** Unit tests: beside their files, no process, no network, no database. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['src/**/*.parts.test.ts', 'node_modules/**'],
    passWithNoTests: true,
  },
});
