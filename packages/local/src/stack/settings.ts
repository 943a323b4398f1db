import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Variables = Record<string, string | undefined>;

/** Other names that the apps accept for a variable. */
const aliases: Record<string, string[]> = {
  SUPABASE_URL: ['NEXT_PUBLIC_SUPABASE_URL', 'EXPO_PUBLIC_SUPABASE_URL'],
  SUPABASE_SECRET_KEY: ['SUPABASE_SERVICE_ROLE_KEY'],
  QUEUE_URL: ['REDIS_URL'],
};

/** The variables set by hand: the environment, then a file. */
export function readSettings(environment: Variables, file: string): Variables {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== '');
  return { ...fromFile, ...Object.fromEntries(set) };
}

/** The value of a variable under any of its names; undefined when it is empty or not set. */
export function settingOf(settings: Variables, name: string): string | undefined {
  for (const candidate of [name, ...(aliases[name] ?? [])]) {
    const value = settings[candidate]?.trim();
    if (value) return value;
  }
  return undefined;
}
