import type { AuditRow, Database } from '@darkroom/db/database';

const columns = [
  'scope',
  'id',
  'user_id',
  'problem',
  'expected',
  'actual',
] as const satisfies (keyof AuditRow)[];

/**
 * Prints everything that breaks an invariant of money: a table, or with `json` one array.
 * @returns the exit code: 0 when there is nothing, 1 when there is.
 */
export async function audit({
  db,
  print,
  json,
}: {
  db: Pick<Database, 'audit'>;
  print(text: string): void;
  json: boolean;
}): Promise<0 | 1> {
  const rows = await db.audit();
  if (json) print(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) print('The books are in order.\n');
  else print(asTable(rows));
  return rows.length === 0 ? 0 : 1;
}

function asTable(rows: readonly AuditRow[]): string {
  const lines = [[...columns], ...rows.map((row) => columns.map((column) => row[column] ?? '-'))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
