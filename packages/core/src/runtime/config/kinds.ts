import { z } from 'zod';
import { parseCreditCosts } from '../../job/price.ts';
import type { ModelRates } from '../../models/rates.ts';
import { parseQueueUrl, QueueUrlInvalid } from '../../queue/location.ts';
import { parseTrustedProxies } from '../network/client-address.ts';
import { parseDuration } from './duration.ts';

export const text = z.string();

/** An http(s) address, without a slash at its end. */
export const httpUrl = z
  .string()
  .refine((value) => /^https?:\/\/[^/\s]/.test(value) && URL.canParse(value), {
    error: 'is no http:// or https:// address',
  })
  .transform((value) => value.replace(/\/+$/, ''));

export const postgresUrl = z
  .string()
  .refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), {
    error: 'is no postgres:// address (are special characters of the password percent-encoded?)',
  });

export const queueUrl = read((value) => {
  try {
    parseQueueUrl(value);
    return value;
  } catch (error) {
    throw error instanceof QueueUrlInvalid ? new Error(`cannot be used: ${error.message}`) : error;
  }
});

/** A number from 0 to 1. */
export const share = read((value) => {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1)) throw new Error('is no number from 0 to 1');
  return number;
});

/** Headers as OpenTelemetry writes them: `name=value,name=value`, percent-encoded. */
export const headerList = read((value): Readonly<Record<string, string>> => {
  const pairs = value.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      if (name.trim() === '' || rest.length === 0) throw new Error('is not name=value,name=value');
      return [name.trim(), decodeURIComponent(rest.join('=').trim())];
    }),
  );
});

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number) {
  return read((value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value.trim()) || number < min || number > max) {
      throw new Error(`is no whole number from ${min} to ${max}`);
    }
    return number;
  });
}

/** A duration from `min` to `max`, both written as durations; milliseconds once read. */
export function duration(min: string, max: string) {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  return read((value) => {
    const ms = parseDuration(value);
    if (ms === null) throw new Error('is no duration, such as 500ms, 30s, 10m or 1h');
    if (ms < least || ms > most) throw new Error(`is not between ${min} and ${max}`);
    return ms;
  });
}

/** `true` or `false`. */
export const flag = read((value) => {
  if (value !== 'true' && value !== 'false') throw new Error('is neither true nor false');
  return value === 'true';
});

/** How the database is asked. */
export const transport = read((value): 'supabase' | 'direct' => {
  if (value !== 'supabase' && value !== 'direct') throw new Error('is neither supabase nor direct');
  return value;
});

/** A secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. */
export const webhookSecret = z.string().refine(
  (value) => {
    const encoded = value.replace(/^whsec_/, '');
    const bytes = Buffer.from(encoded, 'base64');
    return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === encoded;
  },
  { error: 'is not whsec_ and 24 to 64 bytes in base64' },
);

/** A secret that whoever shows it is let in by: too long to be guessed. */
export const accessToken = z
  .string()
  .refine((value) => value.length >= 24, { error: 'has fewer than 24 characters and could be guessed' });

/** Names separated by commas. */
export const list = z.string().transform((value): readonly string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** Addresses and networks, or the word `private`, separated by commas; read again where they are used. */
export const networks = list.refine((items) => readsAsNetworks(items), {
  error: 'names something that is neither an address, a network such as 10.0.0.0/8, nor private',
});

/** Names separated by commas: at least one, none twice. */
export const distinctList = list
  .refine((items) => items.length > 0, { error: 'names nothing' })
  .refine((items) => new Set(items).size === items.length, { error: 'names something twice' });

/** `name=number,…` */
export const numbersByName = read((value): Readonly<Record<string, number>> => {
  const pairs = value.split(',').map((part) => part.trim().split('='));
  return Object.fromEntries(
    pairs.filter(([name]) => name !== '').map(([name, number]) => pair(name, number)),
  );
});

/** `model=number,…`, a bare number, or both: `60,model=10`. */
export const modelRates = read((value): ModelRates => {
  const parts = value.split(',').map((part) => part.trim());
  const bare = parts.filter((part) => part !== '' && !part.includes('='));
  if (bare.length > 1) throw new Error('has more than one number for all models');
  const named = parts.filter((part) => part.includes('=')).map((part) => part.split('='));
  return {
    byModel: Object.fromEntries(named.map(([name, number]) => pair(name, number))),
    others: bare[0] === undefined ? null : pair('all', bare[0])[1],
  };
});

/** The price list, checked; read again where prices are made. */
export const creditCosts = read((value) => {
  try {
    return parseCreditCosts(value);
  } catch (error) {
    throw new Error(`cannot be read: ${(error as Error).message}`);
  }
});

/** A PEM key, whose line ends may be written as `\n`. */
export const pem = z
  .string()
  .transform((value) => value.replaceAll('\\n', '\n').trim())
  .refine((value) => value.startsWith('-----BEGIN PUBLIC KEY-----'), { error: 'is no PEM public key' });

function readsAsNetworks(items: readonly string[]): boolean {
  try {
    parseTrustedProxies(items);
    return true;
  } catch {
    return false;
  }
}

function pair(name = '', number = ''): [string, number] {
  if (!name.trim() || !/^\d+$/.test(number.trim()) || Number(number) < 1) {
    throw new Error('has a part that is not name=number');
  }
  return [name.trim(), Number(number)];
}

/** A kind that is read by a function which throws what is wrong. */
function read<T>(parse: (value: string) => T) {
  return z.string().transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}
