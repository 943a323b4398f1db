import { badQuery } from './errors.ts';
import { match, readField, type Scope, withoutEscapes } from './field.ts';

const OPERATORS: Record<string, string> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  cs: '@>',
  cd: '<@',
  ov: '&&',
};

const QUANTIFIABLE = new Set(['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch']);

const IS = new Map([
  ['null', 'null'],
  ['not_null', 'not null'],
  ['true', 'true'],
  ['false', 'false'],
  ['unknown', 'unknown'],
]);

export interface Operator {
  negated: boolean;
  name: string;
  quantifier: 'any' | 'all' | null;
  /** The position of the value. */
  end: number;
}

const OPERATOR =
  /(not\.)?(eq|neq|gte?|lte?|i?like|i?match|is|isdistinct|in|c[sd]|ov|s[lr]|nx[lr]|adj|(?:pl|ph|w)?fts)(?:\(([^)]*)\))?\./y;

/** The SQL of one filter of the query string: `age=gte.18`, `id=in.(1,2)`, `data->>a=not.is.null`. */
export function parseFilter(key: string, value: string, scope: Scope): string {
  const field = readField(key, 0, scope);
  if (key[field.end] === '.') {
    throw badQuery(`Filters on embedded resources are not supported by the local gateway: ${key}`);
  }
  if (field.end !== key.length) throw badQuery(`failed to parse filter (${key}=${value})`, 'bad column name');
  const operator = readOperator(value, 0);
  if (!operator) {
    throw badQuery(`"failed to parse filter (${value})" (line 1, column 1)`, 'an operator was expected');
  }
  const operand = operator.name === 'in' ? readList(value, operator.end).values : value.slice(operator.end);
  return compare(field.sql, operator, operand, scope);
}

/** Whether a value of the query string is a filter and not an argument. */
export function looksLikeFilter(value: string): boolean {
  return readOperator(value, 0) !== null;
}

export function readOperator(text: string, start: number): Operator | null {
  const found = match(OPERATOR, text, start);
  if (!found) return null;
  const [whole, not, name, inner] = found;
  const quantifier = inner === 'any' || inner === 'all' ? inner : null;
  const usable = name === 'is' || name === 'isdistinct' || name === 'in' || name! in OPERATORS;
  if (!usable || (inner !== undefined && !(quantifier && QUANTIFIABLE.has(name!)))) {
    throw badQuery(`The operator ${whole.slice(0, -1)} is not supported by the local gateway.`);
  }
  return { negated: not !== undefined, name: name!, quantifier, end: start + whole.length };
}

/** Reads a list such as `(1,two,"a,b")` at `start`. */
export function readList(text: string, start: number): { values: string[]; end: number } {
  if (text[start] !== '(') throw badQuery(`failed to parse list (${text})`, 'expecting "("');
  const values: string[] = [];
  let at = start;
  do {
    const value = readValue(text, at + 1);
    values.push(value.value);
    at = value.end;
  } while (text[at] === ',');
  if (text[at] !== ')') throw badQuery(`failed to parse list (${text})`, 'expecting ")"');
  return { values, end: at + 1 };
}

/** Reads one value up to a comma or bracket; a quoted value may contain both. */
export function readValue(text: string, start: number): { value: string; end: number } {
  const quoted = match(/"((?:[^"\\]|\\.)*)"(?=[,)])/sy, text, start);
  if (quoted) return { value: withoutEscapes(quoted[1]!), end: start + quoted[0].length };
  const plain = match(/[^,)]*/y, text, start)![0];
  return { value: plain, end: start + plain.length };
}

export function compare(
  column: string,
  { name, negated, quantifier }: Operator,
  operand: string | string[],
  { parameters }: Scope,
): string {
  const not = negated ? 'not ' : '';
  if (Array.isArray(operand)) {
    const none = operand.length === 1 && operand[0] === '';
    return `${not}${column} = any(${parameters.add(none ? '{}' : arrayLiteral(operand))})`;
  }
  if (name === 'is') return `${not}${column} is ${keywordOf(operand)}`;
  if (name === 'isdistinct') return `${not}${column} is distinct from ${parameters.add(operand)}`;
  const value = parameters.add(name === 'like' || name === 'ilike' ? operand.replaceAll('*', '%') : operand);
  return `${not}${column} ${OPERATORS[name]} ${quantifier ? `${quantifier}(${value})` : value}`;
}

function keywordOf(operand: string): string {
  const keyword = IS.get(operand.toLowerCase());
  if (keyword) return keyword;
  throw badQuery(
    `"failed to parse filter (is.${operand})" (line 1, column 1)`,
    'expecting null, not_null, true, false or unknown',
  );
}

function arrayLiteral(values: string[]): string {
  return `{${values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;
}
