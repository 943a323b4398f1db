import type { LedgerEntry } from '@darkroom/db/credits/credits';
import { DomainError } from '@darkroom/db/errors';
import type { Command } from '../cli/command.ts';
import { readCount } from '../cli/read-values.ts';
import { facts, table } from '../cli/table.ts';
import { clock } from '../cli/times.ts';
import { jobTable, withoutPrompt } from './jobs-list.ts';

/** One user: balance, movements, unfinished jobs, subscription. */
export const usersShow: Command = {
  name: 'users show',
  summary: 'one user: balance, latest movements, unfinished jobs, subscription',
  arguments: ['<user id or e-mail>'],
  options: { ledger: { value: '<count>', summary: 'movements to show, 10 by default' } },
  async run(input, { operator, now }) {
    const ledger = readCount(input.option('ledger'), { name: '--ledger', max: 1_000, byDefault: 10 });
    const file = await operator().findUser({ idOrEmail: input.arguments[0] ?? '', ledger });
    if (file === null) throw new DomainError('not_found', 'there is no such user');
    const { user, deleted, subscription, active } = file;
    const parts = [
      facts([
        ['user', user.id],
        ['e-mail', user.email],
        ['credits', user.credits],
        ['since', clock(user.created_at)],
        [
          'subscription',
          subscription && [subscription.status, subscription.price_id].filter(Boolean).join(' '),
        ],
        ['paid until', subscription && clock(subscription.current_period_end)],
        ...(deleted ? ([['deleted', 'yes']] as const) : []),
      ]),
      file.ledger.length > 0 ? ledgerTable(file.ledger) : 'No movements.\n',
      active.length > 0 ? jobTable(active, now()) : 'No unfinished jobs.\n',
    ];
    return { data: { ...file, active: active.map(withoutPrompt) }, text: parts.join('\n') };
  },
};

/** Movements in columns. */
export function ledgerTable(ledger: readonly LedgerEntry[]): string {
  return table(
    ['movement', 'kind', 'credits', 'balance', 'job', 'reason'],
    ledger.map((row) => [
      clock(row.created_at),
      row.kind,
      row.amount > 0 ? `+${row.amount}` : row.amount,
      row.balance_after,
      row.job_id,
      row.reason,
    ]),
  );
}
