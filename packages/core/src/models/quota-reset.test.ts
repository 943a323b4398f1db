import { expect, test } from 'vitest';
import { msUntilQuotaReset } from './quota-reset.ts';

test.each([
  ['in winter', '2026-11-22T20:00:00Z', '2026-11-23T08:00:00Z'],
  ['in summer', '2026-07-04T06:59:59.500Z', '2026-07-04T07:00:00Z'],
  ['at midnight itself', '2026-11-23T08:00:00Z', '2026-11-24T08:00:00Z'],
  ['on the day the clocks go forward', '2026-03-08T09:00:00Z', '2026-03-09T07:00:00Z'],
  ['on the day the clocks go back', '2026-11-01T07:30:00Z', '2026-11-02T08:00:00Z'],
  ['at the end of a year', '2026-12-31T23:00:00Z', '2027-01-01T08:00:00Z'],
])('per-day quotas reset at midnight in Los Angeles, %s', (_, now, reset) => {
  expect(msUntilQuotaReset(Date.parse(now))).toBe(Date.parse(reset) - Date.parse(now));
});
