import * as fc from 'fast-check';
import { defineCommand } from '../command.ts';
import { anyUser } from '../pick.ts';
import { submit } from '../submit.ts';

/** A submission under one of a few keys: mostly a new one. */
export const create = defineCommand({
  weight: 16,
  choice: fc.record({
    user: anyUser,
    key: fc.nat({ max: 11 }).map((n) => `key ${n}`),
    price: fc.constantFrom(0, 1, 2, 3, 7),
    deadlineMs: fc.constantFrom(600_000, 600_000, 600_000, 60_000),
  }),
  steps: (choice) => [submit({ ...choice, hash: 'one' })],
});
