import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorConfig } from '@darkroom/core/runtime/config/config';
import type { SessionUser } from '../../auth/session-user.ts';

/** An operator, by what makes them one: OPERATOR_TOKEN, their user id, or their role in the organization. */
export type Operator =
  | { by: 'token' }
  | { by: 'user'; id: string }
  | { by: 'role'; id: string; organization: { id: string; role: string } };

export interface Operators {
  /** False: nobody is an operator. */
  readonly isConfigured: boolean;
  /** Compares with OPERATOR_TOKEN in constant time. */
  isToken(text: string): boolean;
  /** Null for a user who is no operator. */
  find(user: SessionUser): Operator | null;
  /** Whether the configuration still makes them an operator. */
  isCurrent(operator: Operator): boolean;
}

export function createOperators({ userIds, organization, token }: OperatorConfig): Operators {
  const expected = token === undefined ? null : digest(token);
  const isOurs = (active: SessionUser['organization']): active is NonNullable<typeof active> =>
    organization !== undefined && active?.id === organization.id && active.role === organization.role;
  return {
    isConfigured: userIds.length > 0 || organization !== undefined || token !== undefined,
    isToken: (text) => expected !== null && timingSafeEqual(digest(text), expected),
    find({ id, organization: active }) {
      if (userIds.includes(id)) return { by: 'user', id };
      return isOurs(active) ? { by: 'role', id, organization: { id: active.id, role: active.role } } : null;
    },
    isCurrent(operator) {
      switch (operator.by) {
        case 'token':
          return token !== undefined;
        case 'user':
          return userIds.includes(operator.id);
        case 'role':
          return isOurs(operator.organization);
      }
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
