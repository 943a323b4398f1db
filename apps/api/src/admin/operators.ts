import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorConfig } from '@darkroom/core/runtime/config/config';
import type { SignedIn } from '../auth/signed-in.ts';

/** An operator, by what makes them one: the token, their own name, or their role in the organisation. */
export type Operator =
  | { by: 'token' }
  | { by: 'user'; id: string }
  | { by: 'role'; id: string; organization: { id: string; role: string } };

export interface Operators {
  /** False: nobody may see anything. */
  readonly any: boolean;
  /** Whether this text is the operators' token. Takes as long for a near miss as for any other. */
  isToken(text: string): boolean;
  /** Null for a user who is none. */
  among(user: SignedIn): Operator | null;
  /** Whether what made somebody an operator is still set. */
  stillIs(operator: Operator): boolean;
}

/** Tells who the operators are. */
export function createOperators({ userIds, organization, token }: OperatorConfig): Operators {
  const expected = token === undefined ? null : digest(token);
  const isOurs = (active: SignedIn['organization']): active is NonNullable<typeof active> =>
    organization !== undefined && active?.id === organization.id && active.role === organization.role;
  return {
    any: userIds.length > 0 || organization !== undefined || token !== undefined,
    isToken: (text) => expected !== null && timingSafeEqual(digest(text), expected),
    among({ id, organization: active }) {
      if (userIds.includes(id)) return { by: 'user', id };
      return isOurs(active) ? { by: 'role', id, organization: { id: active.id, role: active.role } } : null;
    },
    stillIs(operator) {
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
