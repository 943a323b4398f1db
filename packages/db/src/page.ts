import { DomainError } from './errors.ts';

/** The shape of every list. `next_cursor` is opaque; null at the end. */
export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** Makes a page of rows that were read with `limit + 1`: the extra row tells whether there is a next page. */
export function toPage<Row>(rows: Row[], limit: number, positionOf: (row: Row) => string[]): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last ? encode(positionOf(last)) : null };
}

/** @throws DomainError invalid_argument unless the cursor came from `toPage` and its parts match `shapes`. */
export function readCursor(cursor: string, shapes: readonly RegExp[]): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(parts) &&
      parts.length === shapes.length &&
      parts.every((part, at) => typeof part === 'string' && shapes[at]?.test(part))
    ) {
      return parts as string[];
    }
  } catch {
    // Not JSON: rejected below like every other broken cursor.
  }
  throw new DomainError('invalid_argument', 'cursor: not one that this list has given', { path: 'cursor' });
}

/** The parts of a cursor in a list ordered by `created_at`, then `id`, both descending. */
const timeAndId = [/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-][\d:]+)$/, /^[0-9a-f-]{36}$/] as const;

/**
 * Where a list ordered by `created_at` and `id` continues, as arguments of the SQL function that reads it.
 * @throws DomainError invalid_argument for a broken cursor
 */
export function cursorArguments(cursor: string | null): { p_before?: string; p_before_id?: string } {
  if (cursor === null) return {};
  const [time, id] = readCursor(cursor, timeAndId);
  return { p_before: time, p_before_id: id };
}

function encode(position: string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}
