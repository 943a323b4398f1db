import { parseDuration } from '@darkroom/core/runtime/config/duration';
import { UsageError } from './command.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A job's or a delivery's id. @throws UsageError */
export function readId(text: string | undefined, what: string): string {
  if (text === undefined || !uuid.test(text)) throw new UsageError(`"${text ?? ''}" is no id of a ${what}`);
  return text.toLowerCase();
}

/** Whether the text is shaped like the ids of jobs and deliveries. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

/** A whole number; `byDefault` where nothing was given. @throws UsageError */
export function readCount(
  text: string | undefined,
  { name, min = 1, max, byDefault }: { name: string; min?: number; max: number; byDefault?: number },
): number {
  if (text === undefined && byDefault !== undefined) return byDefault;
  const count = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || count < min || count > max) {
    throw new UsageError(`${name} is to be a whole number from ${min} to ${max}, not "${text ?? ''}"`);
  }
  return count;
}

/** A duration in milliseconds; `byDefault` where nothing was given. @throws UsageError */
export function readDuration<Default>(
  text: string | undefined,
  { name, byDefault }: { name: string; byDefault: Default },
): number | Default {
  if (text === undefined) return byDefault;
  const ms = parseDuration(text);
  if (ms === null) throw new UsageError(`${name} is to be a duration such as 30s, 10m or 1h, not "${text}"`);
  return ms;
}

/** One of a few words. @throws UsageError */
export function readOneOf<Word extends string>(
  text: string | undefined,
  { name, words }: { name: string; words: readonly Word[] },
): Word | null {
  if (text === undefined) return null;
  const word = words.find((one) => one === text);
  if (word === undefined) throw new UsageError(`${name} is to be one of ${words.join(', ')}, not "${text}"`);
  return word;
}
