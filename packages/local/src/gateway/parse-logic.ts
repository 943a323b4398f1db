import { badQuery } from './errors.ts';
import { match, readField, type Scope } from './field.ts';
import { compare, readList, readOperator, readValue } from './parse-filter.ts';

interface Read {
  sql: string;
  end: number;
}

/** The SQL of `or=(a.eq.1,and(b.gt.2,c.not.in.(3,4)))`; the key is or, and, not.or or not.and. */
export function parseLogic(key: string, value: string, scope: Scope): string {
  const { sql, end } = readGroup(key, value, 0, scope);
  if (end !== value.length) throw unreadable(value, end);
  return sql;
}

function readGroup(key: string, text: string, start: number, scope: Scope): Read {
  if (text[start] !== '(') throw unreadable(text, start);
  const members: string[] = [];
  let at = start;
  do {
    const member = readMember(text, at + 1, scope);
    members.push(member.sql);
    at = member.end;
  } while (text[at] === ',');
  if (text[at] !== ')') throw unreadable(text, at);
  const joined = members.join(key.endsWith('or') ? ' or ' : ' and ');
  return { sql: `${key.startsWith('not.') ? 'not ' : ''}(${joined})`, end: at + 1 };
}

function readMember(text: string, start: number, scope: Scope): Read {
  const group = match(/((?:not\.)?(?:and|or))(?=\()/y, text, start);
  if (group) return readGroup(group[0], text, start + group[0].length, scope);
  const field = readField(text, start, scope);
  if (text[field.end] !== '.') throw unreadable(text, field.end);
  const operator = readOperator(text, field.end + 1);
  if (!operator) throw unreadable(text, field.end + 1);
  if (operator.name === 'in') {
    const { values, end } = readList(text, operator.end);
    return { sql: compare(field.sql, operator, values, scope), end };
  }
  const array = match(/\{[^{}]*\}(?=[,)])/y, text, operator.end)?.[0];
  const { value, end } = array
    ? { value: array, end: operator.end + array.length }
    : readValue(text, operator.end);
  return { sql: compare(field.sql, operator, value, scope), end };
}

function unreadable(text: string, at: number) {
  return badQuery(`"failed to parse logic tree (${text})" (line 1, column ${at + 1})`, 'unexpected input');
}
