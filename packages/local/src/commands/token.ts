import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ISSUER } from '../clerk/instance.ts';
import { loadKeys } from '../clerk/keys.ts';
import { mintToken } from '../clerk/mint.ts';
import { emailOf, userId } from '../clerk/user-id.ts';

const USAGE = `Usage: npm run token -- <name> [--expires 60s|30m|2h] [--email]
Prints a session token of the local Clerk for that user name.
  --expires  the lifetime of the token (default 12h)
  --email    includes the user's email address`;

const KEYS = resolve(import.meta.dirname, '../../../../.local/clerk');

const request = readArguments();
if (request === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const keys = await loadKeys(KEYS);
  const id = userId(request.name);
  const token = await mintToken(keys, {
    userId: id,
    issuer: ISSUER,
    expiresInSeconds: request.expiresInSeconds,
    email: request.withEmail ? (emailOf(id) ?? undefined) : undefined,
  });
  console.log(token);
}

function readArguments(): { name: string; expiresInSeconds: number; withEmail: boolean } | null {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { expires: { type: 'string', default: '12h' }, email: { type: 'boolean', default: false } },
    });
    const name = positionals[0]?.trim();
    const expiresInSeconds = toSeconds(values.expires);
    if (!name || positionals.length > 1 || expiresInSeconds === null) return null;
    return { name, expiresInSeconds, withEmail: values.email };
  } catch {
    return null;
  }
}

function toSeconds(text: string): number | null {
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (!amount || !unit) return null;
  return Number(amount) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
}
