import { parseDuration } from '@darkroom/core/runtime/config/duration';
import { UsageError } from './command.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of a job or webhook delivery, in lower case. @throws UsageError */
export function parseId(text: string | undefined, what: string): string {
  if (text === undefined || !uuid.test(text))
    throw new UsageError(`"${text ?? ''}" is not the id of a ${what}`);
  return text.toLowerCase();
}

/** Whether the text has the form of the ids of jobs and webhook deliveries. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

/** A whole number; `byDefault` if the option is missing. @throws UsageError */
export function parseCount(
  text: string | undefined,
  { name, min = 1, max, byDefault }: { name: string; min?: number; max: number; byDefault?: number },
): number {
  if (text === undefined && byDefault !== undefined) return byDefault;
  const count = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || count < min || count > max) {
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${text ?? ''}"`);
  }
  return count;
}

/** A duration in milliseconds; `byDefault` if the option is missing. @throws UsageError */
export function parseDurationOption<Default>(
  text: string | undefined,
  { name, byDefault }: { name: string; byDefault: Default },
): number | Default {
  if (text === undefined) return byDefault;
  const ms = parseDuration(text);
  if (ms === null) throw new UsageError(`${name} must be a duration such as 30s, 10m or 1h, not "${text}"`);
  return ms;
}

/** One of the given words; null if the option is missing. @throws UsageError */
export function parseChoice<Word extends string>(
  text: string | undefined,
  { name, words }: { name: string; words: readonly Word[] },
): Word | null {
  if (text === undefined) return null;
  const word = words.find((one) => one === text);
  if (word === undefined) throw new UsageError(`${name} must be one of ${words.join(', ')}, not "${text}"`);
  return word;
}
