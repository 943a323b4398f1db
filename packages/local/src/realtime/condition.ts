import type { Operator } from './parse-filter.ts';

/** A condition whose values are of the column's type, written as JSON writes them. */
export interface Condition {
  column: string;
  operator: Operator;
  negated: boolean;
  values: unknown[];
}

export type Row = Record<string, unknown>;

/** Whether all conditions hold for a row. As in SQL, a comparison with null holds for nobody, nor does its opposite. */
export function matches(row: Row, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => holds(row[condition.column], condition));
}

function holds(value: unknown, { operator, negated, values }: Condition): boolean {
  const answer = answerOf(value, operator, values);
  return answer !== undefined && answer !== negated;
}

/** undefined is SQL's unknown. */
function answerOf(value: unknown, operator: Operator, values: unknown[]): boolean | undefined {
  // A column that the change does not carry is not known to be null.
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

/** Numbers by size, everything else by code point: times are written in one form and zone, so that is their order too. */
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
