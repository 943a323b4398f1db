import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UsageError } from '../cli/command.ts';

/** Session tokens of the users that a load test plays. */
export interface Tokens {
  readonly users: number;
  /** A token of the user at this place that is good for a while. */
  of(user: number): Promise<string>;
}

/** Tokens from a file, one a line. @throws UsageError when there are fewer than `users`, where that is given */
export async function readTokens(file: string, users: number | undefined): Promise<Tokens> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--tokens cannot be read: ${error.message}`);
  });
  const lines = text.split('\n').map((line) => line.trim());
  const tokens = lines.filter(Boolean).slice(0, users);
  if (tokens.length === 0 || tokens.length < (users ?? 0)) {
    throw new UsageError(`--tokens holds ${tokens.length} tokens, and ${users ?? 1} are needed`);
  }
  return { users: tokens.length, of: async (user) => tokens[user % tokens.length] ?? '' };
}

/** How long before its end a token is made anew, in milliseconds. */
const marginMs = 15_000;

/**
 * Tokens that a command prints: `{user}` in it is the user's name, `loadtest-1` and so on. Each is asked for when it is
 * needed, and again before it has expired. @param deps.now in epoch milliseconds
 */
export function commandTokens(
  command: string,
  { users, now, run = runInShell }: { users: number; now: () => number; run?: typeof runInShell },
): Tokens {
  const kept = new Map<number, Promise<string>>();

  async function make(user: number): Promise<string> {
    const printed = (await run(command.replaceAll('{user}', `loadtest-${user + 1}`))).trim();
    if (printed.split('.').length !== 3) {
      throw new Error('the --token-command did not print a token and nothing else');
    }
    return printed;
  }

  return {
    users,
    async of(user) {
      const token = await kept.get(user);
      if (token !== undefined && endOf(token) - now() > marginMs) return token;
      const made = make(user);
      kept.set(user, made);
      return made;
    },
  };
}

/** Whose token it is; empty where it does not say. */
export function subjectOf(token: string): string {
  return String(claimsOf(token).sub ?? '');
}

/** In epoch milliseconds; never, where the token does not say. */
function endOf(token: string): number {
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
