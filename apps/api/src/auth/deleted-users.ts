import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';

/** Knows whose account is gone although a token of theirs still lives: Clerk's are good for a minute. */
export interface DeletedUsers {
  has(userId: string): Promise<boolean>;
  /** This account was deleted just now. */
  note(userId: string): void;
}

/** How long an account that was seen is taken to be there without another look, in milliseconds. */
const freshMs = 10_000;
const maxRemembered = 10_000;

/** Asks the database once in ten seconds a user. While it is away nobody is refused here. */
export function createDeletedUsers(deps: {
  db: Pick<Database, 'isUserDeleted'>;
  /** Milliseconds that only grow. */
  now: () => number;
}): DeletedUsers {
  const { db, now } = deps;
  /** Until when an account is taken to be there; never, for one that is deleted. The oldest is forgotten first. */
  const thereUntil = new Map<string, number>();

  return {
    async has(userId) {
      const until = thereUntil.get(userId);
      if (until === never) return true;
      if (until !== undefined && now() < until) return false;
      const deleted = await db.isUserDeleted({ userId }).catch((error: unknown) => {
        if (error instanceof DatabaseUnavailable) return null;
        throw error;
      });
      if (deleted === null) return false;
      remember(userId, deleted ? never : now() + freshMs);
      return deleted;
    },
    note: (userId) => remember(userId, never),
  };

  function remember(userId: string, until: number): void {
    thereUntil.delete(userId);
    thereUntil.set(userId, until);
    if (thereUntil.size > maxRemembered) thereUntil.delete(thereUntil.keys().next().value!);
  }
}

const never = Number.NEGATIVE_INFINITY;

/** Lets nobody in whose account was deleted. @throws ProblemError unauthenticated */
export function refuseDeleted(deletedUsers: DeletedUsers): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await assertNotDeleted(deletedUsers, c.get('user').id);
    await next();
  };
}

/** For a call that asks the database first for what refuses a deleted account itself. @throws ProblemError unauthenticated */
export async function assertNotDeleted(
  deletedUsers: Pick<DeletedUsers, 'has'>,
  userId: string,
): Promise<void> {
  if (!(await deletedUsers.has(userId))) return;
  throw new ProblemError({
    code: 'unauthenticated',
    detail: 'This account was deleted.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}
