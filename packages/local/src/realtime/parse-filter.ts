import { Refusal } from './refusal.ts';

export const OPERATORS = [
  'eq',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'in',
  'like',
  'ilike',
  'is',
  'isdistinct',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** `column=operator.value` with values as text, not yet of the column's type. */
export interface WrittenCondition {
  column: string;
  operator: Operator;
  negated: boolean;
  /** One, or several for `in`. */
  values: string[];
}

/**
 * Reads `status=eq.pending,progress=not.in.(0,100)`: conditions separated by commas, all of which must hold. A value in
 * double quotes may contain commas and parentheses.
 * @throws Refusal
 */
export function parseFilter(filter: string): WrittenCondition[] {
  return split(filter).map(parseCondition);
}

function parseCondition(written: string): WrittenCondition {
  const found = /^([^=]+)=(not\.)?([a-z]+)\.(.*)$/s.exec(written);
  if (!found) throw malformed(written);
  const [, column, not, operator, value] = found as unknown as [string, string, string?, string?, string?];
  if (!OPERATORS.some((one) => one === operator)) throw malformed(written);
  return {
    column: column.trim(),
    operator: operator as Operator,
    negated: not !== undefined,
    values: operator === 'in' ? list(value!, written) : [unquote(value!)],
  };
}

function list(value: string, written: string): string[] {
  const inside = /^\((.*)\)$/s.exec(value)?.[1];
  if (inside === undefined) throw malformed(written);
  return split(inside).map((one) => unquote(one.trim()));
}

/** Splits at the commas outside quotes and parentheses. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quoted && character === '\\') {
      part += character + (text[++at] ?? '');
      continue;
    }
    if (character === '"') quoted = !quoted;
    if (!quoted && character === '(') depth += 1;
    if (!quoted && character === ')') depth -= 1;
    if (character === ',' && !quoted && depth <= 0) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

function unquote(value: string): string {
  const inside = /^"(.*)"$/s.exec(value)?.[1];
  return inside === undefined ? value : inside.replace(/\\(.)/gs, '$1');
}

function malformed(written: string): Refusal {
  return new Refusal('RealtimeDisabledForConfiguration', `Error parsing \`filter\` params: ${written}`);
}
