import { createExpiringMap } from '@darkroom/core/runtime/time/expiring-map';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';

/** Finds deleted accounts whose session tokens are still valid: Clerk's tokens live for a minute. */
export interface DeletedUsers {
  has(userId: string): Promise<boolean>;
  /** Records an account that was just deleted. */
  add(userId: string): void;
}

/** How long an account counts as existing without another query, in milliseconds. */
const freshMs = 10_000;
const maxUsers = 10_000;

/** Queries the database at most once in ten seconds per user. While it is unreachable, no account counts as deleted. */
export function createDeletedUsers(deps: {
  db: Pick<Database, 'isUserDeleted'>;
  /** Monotonic milliseconds. */
  now: () => number;
}): DeletedUsers {
  const { db, now } = deps;
  const known = createExpiringMap<{ isDeleted: boolean }>({ maxSize: maxUsers, now });

  return {
    async has(userId) {
      const found = known.get(userId);
      if (found) return found.isDeleted;
      const isDeleted = await db.isUserDeleted({ userId }).catch((error: unknown) => {
        if (error instanceof DatabaseUnavailable) return null;
        throw error;
      });
      if (isDeleted === null) return false;
      known.set(userId, { isDeleted }, isDeleted ? Number.POSITIVE_INFINITY : now() + freshMs);
      return isDeleted;
    },
    add: (userId) => known.set(userId, { isDeleted: true }, Number.POSITIVE_INFINITY),
  };
}

/** Rejects requests of deleted accounts. @throws ProblemError unauthenticated */
export function rejectDeletedUsers(deletedUsers: DeletedUsers): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await rejectIfDeleted(deletedUsers, c.get('user').id);
    await next();
  };
}

/** @throws ProblemError unauthenticated if the account is deleted */
export async function rejectIfDeleted(
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
