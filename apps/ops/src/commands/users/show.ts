import { DomainError } from '@darkroom/db/errors';
import type { Command } from '../../cli/command.ts';
import { parseCount } from '../../cli/parse-values.ts';
import { jobTable } from '../../display/job-table.ts';
import { ledgerTable } from '../../display/ledger-table.ts';
import { facts } from '../../display/table.ts';
import { timestamp } from '../../display/times.ts';
import { withoutPrompt } from '../../display/without-prompt.ts';

export const usersShow: Command = {
  name: 'users show',
  summary: 'one user: balance, latest ledger entries, unfinished jobs, subscription',
  arguments: ['<user id or e-mail>'],
  options: { ledger: { value: '<count>', summary: 'number of ledger entries, 10 by default' } },
  async run(input, { operator, now }) {
    const ledger = parseCount(input.option('ledger'), { name: '--ledger', max: 1_000, byDefault: 10 });
    const file = await operator().findUser({ idOrEmail: input.arguments[0] ?? '', ledger });
    if (file === null) throw new DomainError('not_found', 'there is no such user');
    const { user, deleted, subscription, active } = file;
    const parts = [
      facts([
        ['user', user.id],
        ['e-mail', user.email],
        ['credits', user.credits],
        ['since', timestamp(user.created_at)],
        [
          'subscription',
          subscription && [subscription.status, subscription.price_id].filter(Boolean).join(' '),
        ],
        ['paid until', subscription && timestamp(subscription.current_period_end)],
        ...(deleted ? ([['deleted', 'yes']] as const) : []),
      ]),
      file.ledger.length > 0 ? ledgerTable(file.ledger) : 'No ledger entries.\n',
      active.length > 0 ? jobTable(active, now()) : 'No unfinished jobs.\n',
    ];
    return { data: { ...file, active: active.map(withoutPrompt) }, text: parts.join('\n') };
  },
};
