import { DomainError } from '@darkroom/db/errors';
import { type Command, UsageError } from '../cli/command.ts';
import { readCount } from '../cli/read-values.ts';

/** Gives credits to a user, once a reference. */
export const creditsGrant: Command = {
  name: 'credits grant',
  summary: 'gives credits to a user, once a reference (asks first)',
  arguments: ['<user id or e-mail>', '<amount>'],
  options: {
    reference: { value: '<text>', summary: 'names the cause, such as a ticket; needed' },
    reason: { value: '<text>', summary: 'what the user reads in the ledger; needed' },
  },
  details: `
The same reference is booked once, however often the command is repeated, and whoever it names the second time.`,
  async run(input, { operator, database, confirm }) {
    const [who = '', much] = input.arguments;
    const amount = readCount(much, { name: 'the amount', max: 1_000_000 });
    const reference = needed(input.option('reference'), '--reference');
    const reason = needed(input.option('reason'), '--reason');
    const before = await operator().findUser({ idOrEmail: who, ledger: 1 });
    if (before === null) throw new DomainError('not_found', 'there is no such user');
    const { id, email, credits } = before.user;
    await confirm(`${id} (${email}) has ${credits} credits and gets ${amount} for "${reference}".`);

    await database().grantCredits({ userId: id, amount, reference, reason });
    // What was booked under this reference, now or before: the balance alone may have moved meanwhile.
    const after = await operator().findUser({ idOrEmail: id, ledger: 100 });
    const booked = after?.ledger.find((row) => row.reference === `grant:${reference}`) ?? null;
    const balance = after?.user.credits ?? credits;
    const latestBefore = BigInt(before.ledger[0]?.id ?? 0);
    const isNew = booked !== null && BigInt(booked.id) > latestBefore;
    return {
      data: { user_id: id, amount, reference, booked: isNew, balance, entry: booked },
      text: isNew
        ? `Booked ${amount} credits; ${id} has ${balance} now.\n`
        : `"${reference}" had been booked before: nothing was booked now; ${id} has ${balance} credits.\n`,
    };
  },
};

function needed(text: string | undefined, name: string): string {
  if (!text?.trim()) throw new UsageError(`${name} is missing`);
  return text.trim();
}
