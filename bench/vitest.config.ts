import { defineConfig } from 'vitest/config';

/** The benchmark's own arithmetic: no process, no network. */
export default defineConfig({ test: { include: ['*/*.test.ts'], exclude: ['node_modules/**'] } });
