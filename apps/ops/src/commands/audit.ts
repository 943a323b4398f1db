import type { AuditRow } from '@darkroom/db/credits/credits';
import type { Command } from '../cli/command.ts';
import { table } from '../cli/table.ts';

const columns = [
  'scope',
  'id',
  'user_id',
  'problem',
  'expected',
  'actual',
] as const satisfies (keyof AuditRow)[];

/** Everything that breaks an invariant of money. */
export const audit: Command = {
  name: 'audit',
  summary: 'every user or job that breaks an invariant of money; exits 1 when there is one',
  details: 'With --json it prints one array, empty when the books are in order.',
  async run(_input, { database }) {
    const rows = await database().audit();
    const text =
      rows.length === 0
        ? 'The books are in order.\n'
        : table(
            columns,
            rows.map((row) => columns.map((column) => row[column])),
          );
    return { data: rows, text, code: rows.length === 0 ? 0 : 1 };
  },
};
