import { invalidField } from '../../problem/validation.ts';

const maxMs = 10 * 60_000;

/**
 * The milliseconds of `Cancel-After: 30s`, `5m` or `1m30s`, from 1 s to 10 min; null without the header.
 * @throws ProblemError invalid_request
 */
export function readCancelAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  const [, minutes = '', seconds = ''] = /^(?:(\d{1,3})m)?(?:(\d{1,3})s)?$/.exec(header.trim()) ?? [];
  const ms = Number(minutes) * 60_000 + Number(seconds) * 1_000;
  if (ms >= 1_000 && ms <= maxMs) return ms;
  throw invalidField('Cancel-After', 'Must be a duration from 1s to 10m, such as 30s, 5m or 1m30s.');
}
