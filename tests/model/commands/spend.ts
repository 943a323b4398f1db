import * as fc from 'fast-check';
import { defineCall, defineCommand, refuse } from '../command.ts';
import { anyUser } from '../pick.ts';
import { book } from '../transitions.ts';

/** The native app spends credits in one step, each reference once. */
export const spend = defineCommand({
  weight: 4,
  choice: fc.record({ user: anyUser, amount: fc.constantFrom(1, 2, 9), reference: fc.nat({ max: 1 }) }),
  steps: ({ user, amount, reference: n }) => [
    defineCall({
      name: 'spend_credits',
      text: `${amount} of ${user}, reference ${n}`,
      async send(door) {
        const rows: any = await door.asUser(
          user,
          `select spend_credits(${amount}, 'purchase ${n}') as balance`,
        );
        return rows.refused ? rows : rows[0].balance;
      },
      outcome(model) {
        const known = model.users[user];
        const reference = `spend:${user}:purchase ${n}`;
        if (!known) return refuse(model, 'DR404');
        if (known.ledger.some((movement) => movement.reference === reference))
          return { model, answer: known.credits };
        if (known.credits < amount) return refuse(model, 'DR402', { balance: known.credits, price: amount });
        const movement = { kind: 'native_app', amount: -amount, job_id: null, reference };
        return { model: book(model, user, movement), answer: known.credits - amount };
      },
    }),
  ],
});
