import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Operator } from './operators.ts';

/** Sessions of operators' browsers, so that a token is sent once and not with every request. */
export interface Sessions {
  /** Returns a cookie value that is valid for {@link sessionSeconds}. */
  issue(operator: Operator): string;
  /** Null for a cookie that was not issued here, was changed, or has expired. */
  read(cookie: string): Operator | null;
}

/** 8 hours: a shift. */
export const sessionSeconds = 8 * 60 * 60;

const content = z.strictObject({
  operator: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('token') }),
    z.strictObject({ by: z.literal('user'), id: z.string() }),
    z.strictObject({
      by: z.literal('role'),
      id: z.string(),
      organization: z.strictObject({ id: z.string(), role: z.string() }),
    }),
  ]),
  until: z.number(),
});

/**
 * Stateless sessions, signed with a key derived from `secrets`: every process accepts them, and changing a secret ends all.
 * `epochMs` returns the time in milliseconds since 1970.
 */
export function createSessions({
  secrets,
  epochMs,
}: {
  secrets: readonly string[];
  epochMs: () => number;
}): Sessions {
  const key = createHmac('sha256', 'darkroom operator session').update(JSON.stringify(secrets)).digest();
  const sign = (payload: string) => createHmac('sha256', key).update(payload).digest();

  return {
    issue(operator) {
      const session: z.infer<typeof content> = { operator, until: epochMs() + sessionSeconds * 1_000 };
      const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },
    read(cookie) {
      const [payload = '', signature = '', ...more] = cookie.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(payload);
      if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
        return null;
      const session = content.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
      return session.success && session.data.until > epochMs() ? session.data.operator : null;
    },
  };
}
