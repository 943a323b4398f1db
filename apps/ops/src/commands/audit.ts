import type { AuditRow } from '@darkroom/db/credits/credits';
import type { Command } from '../cli/command.ts';
import { table } from '../display/table.ts';

const columns = [
  'scope',
  'id',
  'user_id',
  'problem',
  'expected',
  'actual',
] as const satisfies (keyof AuditRow)[];

export const audit: Command = {
  name: 'audit',
  summary: 'users and jobs whose credits do not add up; exits 1 if there are any',
  details: 'With --json it prints one array, empty if everything adds up.',
  async run(_input, { database }) {
    const rows = await database().audit();
    const text =
      rows.length === 0
        ? 'All credits add up.\n'
        : table(
            columns,
            rows.map((row) => columns.map((column) => row[column])),
          );
    return { data: rows, text, code: rows.length === 0 ? 0 : 1 };
  },
};
