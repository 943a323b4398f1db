import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UsageError } from '../cli/command.ts';

/** Session tokens of the users of a load test. */
export interface Tokens {
  readonly users: number;
  /** A token of the user with this index that is valid for at least some seconds. */
  of(user: number): Promise<string>;
}

/** Tokens from a file, one per line. @throws UsageError when there are none, or fewer than `users` */
export async function readTokens(file: string, users: number | undefined): Promise<Tokens> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--tokens cannot be read: ${error.message}`);
  });
  const lines = text.split('\n').map((line) => line.trim());
  const tokens = lines.filter(Boolean).slice(0, users);
  if (tokens.length === 0 || tokens.length < (users ?? 0)) {
    throw new UsageError(`--tokens contains ${tokens.length} tokens; ${users ?? 1} are needed`);
  }
  return { users: tokens.length, of: async (user) => tokens[user % tokens.length] ?? '' };
}

/** A token is renewed this long before it expires. */
const renewBeforeMs = 15_000;

/**
 * Tokens printed by a shell command in which `{user}` stands for the user's name, `loadtest-1` and so on. The command runs
 * when a token is first needed, and again before it expires.
 * @param deps.now in epoch milliseconds
 */
export function commandTokens(
  command: string,
  { users, now, run = runInShell }: { users: number; now: () => number; run?: typeof runInShell },
): Tokens {
  const cached = new Map<number, Promise<string>>();

  async function mint(user: number): Promise<string> {
    const printed = (await run(command.replaceAll('{user}', `loadtest-${user + 1}`))).trim();
    if (printed.split('.').length !== 3) {
      throw new Error('--token-command must print a token and nothing else');
    }
    return printed;
  }

  return {
    users,
    async of(user) {
      const token = await cached.get(user);
      if (token !== undefined && expiryOf(token) - now() > renewBeforeMs) return token;
      const minted = mint(user);
      cached.set(user, minted);
      return minted;
    },
  };
}

/** The user of a token; empty if it has no subject. */
export function subjectOf(token: string): string {
  return String(claimsOf(token).sub ?? '');
}

/** In epoch milliseconds; infinite if the token has no expiry. */
function expiryOf(token: string): number {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1_000 : Number.POSITIVE_INFINITY;
}

function claimsOf(token: string): { sub?: unknown; exp?: unknown } {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    return {};
  }
}

async function runInShell(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { timeout: 60_000 });
  return stdout;
}
