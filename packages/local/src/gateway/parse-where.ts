import type { Scope } from './field.ts';
import { parseFilter } from './parse-filter.ts';
import { parseLogic } from './parse-logic.ts';
import type { Query } from './query.ts';

/** The SQL of all filters of the request, combined by `and`; empty without filters. */
export function parseWhere({ filters, logic }: Pick<Query, 'filters' | 'logic'>, scope: Scope): string {
  const terms = [
    ...filters.map(([key, value]) => parseFilter(key, value, scope)),
    ...logic.map(([key, value]) => parseLogic(key, value, scope)),
  ];
  return terms.length > 0 ? ` where ${terms.join(' and ')}` : '';
}
