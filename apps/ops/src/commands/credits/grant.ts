import { DomainError } from '@darkroom/db/errors';
import { type Command, UsageError } from '../../cli/command.ts';
import { parseCount } from '../../cli/parse-values.ts';

export const creditsGrant: Command = {
  name: 'credits grant',
  summary: 'gives credits to a user, once per reference (asks first)',
  arguments: ['<user id or e-mail>', '<amount>'],
  options: {
    reference: { value: '<text>', summary: 'identifies the grant, such as a ticket number; required' },
    reason: { value: '<text>', summary: 'shown to the user in the ledger; required' },
  },
  details: `
The same reference is booked once, however often the command is repeated and for whichever user.`,
  async run(input, { operator, database, confirm }) {
    const [idOrEmail = '', amountText] = input.arguments;
    const amount = parseCount(amountText, { name: 'the amount', max: 1_000_000 });
    const reference = required(input.option('reference'), '--reference');
    const reason = required(input.option('reason'), '--reason');
    const before = await operator().findUser({ idOrEmail, ledger: 1 });
    if (before === null) throw new DomainError('not_found', 'there is no such user');
    const { id, email, credits } = before.user;
    await confirm(`${id} (${email}) has ${credits} credits and gets ${amount} for "${reference}".`);

    await database().grantCredits({ userId: id, amount, reference, reason });
    // The ledger entry tells whether it was booked now; the balance may also have changed for other reasons.
    const after = await operator().findUser({ idOrEmail: id, ledger: 100 });
    const booked = after?.ledger.find((row) => row.reference === `grant:${reference}`) ?? null;
    const balance = after?.user.credits ?? credits;
    const latestBefore = BigInt(before.ledger[0]?.id ?? 0);
    const isNew = booked !== null && BigInt(booked.id) > latestBefore;
    return {
      data: { user_id: id, amount, reference, booked: isNew, balance, entry: booked },
      text: isNew
        ? `Booked ${amount} credits; ${id} now has ${balance}.\n`
        : `"${reference}" was booked before, so nothing was booked now; ${id} has ${balance} credits.\n`,
    };
  },
};

function required(text: string | undefined, name: string): string {
  if (!text?.trim()) throw new UsageError(`${name} is missing`);
  return text.trim();
}
