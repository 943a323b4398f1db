import type { Scope } from './field.ts';
import { parseFilter } from './parse-filter.ts';
import { parseLogic } from './parse-logic.ts';
import type { Query } from './query.ts';

/** The SQL of every filter of the request, all of which have to hold; empty when there is none. */
export function parseWhere({ filters, logic }: Pick<Query, 'filters' | 'logic'>, scope: Scope): string {
  const terms = [
    ...filters.map(([key, value]) => parseFilter(key, value, scope)),
    ...logic.map(([key, value]) => parseLogic(key, value, scope)),
  ];
  return terms.length > 0 ? ` where ${terms.join(' and ')}` : '';
}
