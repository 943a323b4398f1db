import { defineConfig } from 'vitest/config';

/** The benchmark's arithmetic: no processes, no network. */
export default defineConfig({ test: { include: ['*/*.test.ts'], exclude: ['node_modules/**'] } });
