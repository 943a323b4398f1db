import { badQuery, badRange } from './errors.ts';
import type { Query } from './query.ts';

export interface Range {
  offset: number;
  /** Null: no limit. */
  limit: number | null;
}

/** The requested rows: from `limit` and `offset`, or from a `Range: 0-9` header without them. */
export function parseRange(query: Pick<Query, 'limit' | 'offset'>, header: string | undefined): Range {
  if (query.limit === null && query.offset === null && header !== undefined) return fromHeader(header);
  const limit = query.limit === null ? null : wholeNumber('limit', query.limit);
  const offset = query.offset === null ? 0 : wholeNumber('offset', query.offset);
  if (limit !== null && limit < 0) throw badRange('Limit should be greater than or equal to zero.');
  return { offset: Math.max(0, offset), limit };
}

function fromHeader(header: string): Range {
  const found = /^(?:items=)?(\d+)-(\d*)$/.exec(header.trim());
  if (!found) return { offset: 0, limit: null };
  const offset = Number(found[1]);
  if (found[2] === '') return { offset, limit: null };
  const limit = Number(found[2]) - offset + 1;
  if (limit < 1) {
    throw badRange(
      'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    );
  }
  return { offset, limit };
}

function wholeNumber(name: string, text: string): number {
  if (!/^-?\d{1,15}$/.test(text))
    throw badQuery(`failed to parse ${name} (${text})`, 'expecting a whole number');
  return Number(text);
}

/** `0-9/57`; the total is `*` without a count, the rows are `*` when there are none. */
export function contentRange(lower: number, upper: number, total: number | null): string {
  const rows = total !== 0 && lower <= upper ? `${lower}-${upper}` : '*';
  return `${rows}/${total ?? '*'}`;
}

/** 206 when the count exceeds the rows, 416 when the offset exceeds the count. */
export function rangeStatus(range: Range, rows: number, total: number | null): 200 | 206 {
  if (total === null) return 200;
  if (range.offset > total) {
    throw badRange(`An offset of ${range.offset} was requested, but there are only ${total} rows.`);
  }
  return rows < total ? 206 : 200;
}
