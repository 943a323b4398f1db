import type { Operator } from './parse-filter.ts';

/** A condition with values of the column's type, as JSON. */
export interface Condition {
  column: string;
  operator: Operator;
  negated: boolean;
  values: unknown[];
}

export type Row = Record<string, unknown>;

/** Whether all conditions hold for a row. As in SQL, neither a comparison with null nor its opposite holds. */
export function matches(row: Row, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => holds(row[condition.column], condition));
}

function holds(value: unknown, { operator, negated, values }: Condition): boolean {
  const answer = answerOf(value, operator, values);
  return answer !== undefined && answer !== negated;
}

/** undefined means unknown, as in SQL. */
function answerOf(value: unknown, operator: Operator, values: unknown[]): boolean | undefined {
  // A column that is missing from the change need not be null.
  if (value === undefined) return undefined;
  const [other] = values;
  if (operator === 'is') return isSame(value, other);
  if (operator === 'isdistinct') return !isSame(value, other);
  if (value === null) return undefined;
  switch (operator) {
    case 'eq':
      return isSame(value, other);
    case 'neq':
      return !isSame(value, other);
    case 'in':
      return values.some((one) => isSame(value, one));
    case 'lt':
      return compare(value, other) < 0;
    case 'lte':
      return compare(value, other) <= 0;
    case 'gt':
      return compare(value, other) > 0;
    case 'gte':
      return compare(value, other) >= 0;
    case 'like':
      return pattern(String(other), 's').test(String(value));
    case 'ilike':
      return pattern(String(other), 'si').test(String(value));
  }
}

function isSame(value: unknown, other: unknown): boolean {
  if (value === null || typeof value !== 'object') return value === other;
  return JSON.stringify(value) === JSON.stringify(other);
}

/** Numbers by value, everything else by code point: times have one format and zone, so this orders them, too. */
function compare(value: unknown, other: unknown): number {
  if (typeof value === 'number' && typeof other === 'number') return value - other;
  return Buffer.compare(Buffer.from(String(value)), Buffer.from(String(other)));
}

function pattern(like: string, flags: string): RegExp {
  const source = like.replace(/\\(.)|([%_])|([\\^$.*+?()[\]{}|/])/gs, (_, escaped, wildcard, special) => {
    if (escaped !== undefined) return escaped.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    if (wildcard !== undefined) return wildcard === '%' ? '.*' : '.';
    return `\\${special}`;
  });
  return new RegExp(`^${source}$`, flags);
}
