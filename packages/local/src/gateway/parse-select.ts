import { badQuery } from './errors.ts';
import { match, readField, readName, type Scope } from './field.ts';
import { quoteIdentifier } from './sql.ts';

const CAST = /::([a-z][a-z0-9_ ]*(?:\[\])?)/iy;

/** The SQL of `select=a,alias:b,c->>d,e::text,*`; without `select`, every column. */
export function parseSelect(select: string | null, scope: Scope): string {
  if (select === null || select === '') return `${scope.qualifier}.*`;
  const items: string[] = [];
  let at = 0;
  do {
    const item = readItem(select, at, scope);
    items.push(item.sql);
    at = item.end + 1;
  } while (select[at - 1] === ',');
  if (at <= select.length) {
    throw badQuery(`failed to parse select parameter (${select})`, `unexpected "${select[at - 1]}"`);
  }
  return items.join(', ');
}

function readItem(select: string, start: number, scope: Scope): { sql: string; end: number } {
  if (select.startsWith('...', start)) throw noEmbedding(select.slice(start));
  if (select[start] === '*') return { sql: `${scope.qualifier}.*`, end: start + 1 };
  const alias = readAlias(select, start);
  const field = readField(select, alias?.end ?? start, scope);
  if (select[field.end] === '(' || select[field.end] === '!') throw noEmbedding(select.slice(start));
  if (select[field.end] === '.') {
    throw badQuery(`Aggregate functions are not supported by the local gateway: ${select.slice(start)}`);
  }
  const cast = match(CAST, select, field.end);
  const value = cast ? `cast(${field.sql} as ${cast[1]})` : field.sql;
  const end = field.end + (cast?.[0].length ?? 0);
  return { sql: `${value} as ${quoteIdentifier(alias?.name ?? field.name)}`, end };
}

function readAlias(select: string, start: number): { name: string; end: number } | null {
  const { name, end } = readName(select, start);
  return select[end] === ':' && select[end + 1] !== ':' ? { name, end: end + 1 } : null;
}

function noEmbedding(item: string) {
  return badQuery(`Embedded resources are not supported by the local gateway: ${item}`);
}
