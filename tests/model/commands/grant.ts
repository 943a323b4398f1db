import * as fc from 'fast-check';
import { defineCall, defineCommand, refuse } from '../command.ts';
import { anyUser } from '../pick.ts';
import { book } from '../transitions.ts';

/** Credits are granted, each reference once, whoever it was for. */
export const grant = defineCommand({
  weight: 4,
  choice: fc.record({ user: anyUser, amount: fc.constantFrom(1, 4), reference: fc.nat({ max: 3 }) }),
  steps: ({ user, amount, reference: n }) => [
    defineCall({
      name: 'grant_credits',
      text: `${amount} to ${user}, reference ${n}`,
      send: (door) => door.call(`select grant_credits($1, $2, $3, 'thanks')`, [user, amount, `gift ${n}`]),
      outcome(model) {
        const known = model.users[user];
        const reference = `grant:gift ${n}`;
        if (!known) return refuse(model, 'DR404');
        const isBooked = Object.values(model.users).some(({ ledger }) =>
          ledger.some((movement) => movement.reference === reference),
        );
        if (isBooked) return { model, answer: known.credits };
        const movement = { kind: 'grant', amount, job_id: null, reference };
        return { model: book(model, user, movement), answer: known.credits + amount };
      },
    }),
  ],
});
