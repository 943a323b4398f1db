import type { Role } from '../gateway/authenticate.ts';
import type { Row } from './condition.ts';
import type { ReadChange } from './read-changes.ts';
import { pick, type Table } from './table.ts';

/** The `data` of a `postgres_changes` message for a change that the role may see. */
export function changeMessage(change: ReadChange, table: Table, role: Role): object {
  const readable = table.columns.filter(({ readers }) => readers.includes(role));
  const names = new Set(readable.map(({ name }) => name));
  // Policies cannot be checked for a deleted row, so only its key is sent.
  const hidden = (name: string) =>
    change.type === 'DELETE' &&
    table.hasRowSecurity &&
    !readable.some((one) => one.name === name && one.isKey);
  const shown = (row: Row) => pick(row, (name) => names.has(name) && !hidden(name));
  return {
    ...headOf(change, table),
    columns: readable.map(({ name, type }) => ({ name, type })),
    ...(change.record && { record: shown(change.record) }),
    ...(change.oldRecord && { old_record: shown(change.oldRecord) }),
    errors: null,
  };
}

/** For a row that cannot be shown. */
export function errorMessage(change: ReadChange, table: Table, error: string): object {
  return { ...headOf(change, table), columns: [], errors: [error] };
}

function headOf({ type, committedAt }: ReadChange, { schema, name }: Table): object {
  return { schema, table: name, type, commit_timestamp: new Date(committedAt).toISOString() };
}

/** Why a role cannot see any new row of this table. */
export function obstacle({ columns }: Table, role: Role): string | null {
  const keys = columns.filter(({ isKey }) => isKey);
  if (keys.length === 0) return 'Error 400: Bad Request, no primary key';
  if (keys.some(({ readers }) => !readers.includes(role))) return 'Error 401: Unauthorized';
  return null;
}
