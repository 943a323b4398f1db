import { badQuery } from './errors.ts';
import { match, readField, type Scope } from './field.ts';

const SQL: Record<string, string> = {
  '': '',
  '.asc': ' asc',
  '.desc': ' desc',
  '.nullsfirst': ' nulls first',
  '.nullslast': ' nulls last',
};

/** The SQL of `order=created_at.desc.nullslast,id`; empty without an order. */
export function parseOrder(order: string | null, scope: Scope): string {
  if (order === null || order === '') return '';
  const terms: string[] = [];
  let at = 0;
  do {
    const field = readField(order, at, scope);
    if (order[field.end] === '(') {
      throw badQuery(`Ordering by embedded resources is not supported by the local gateway: ${order}`);
    }
    const [whole, direction = '', nulls = ''] = match(
      /(\.asc|\.desc)?(\.nullsfirst|\.nullslast)?/y,
      order,
      field.end,
    )!;
    terms.push(`${field.sql}${SQL[direction]}${SQL[nulls]}`);
    at = field.end + whole.length + 1;
  } while (order[at - 1] === ',');
  if (at <= order.length) {
    throw badQuery(`"failed to parse order (${order})" (line 1, column ${at})`, 'expecting asc or desc');
  }
  return ` order by ${terms.join(', ')}`;
}
