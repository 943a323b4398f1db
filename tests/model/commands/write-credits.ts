import * as fc from 'fast-check';
import { defineCall, defineCommand, refuse } from '../command.ts';
import { anyUser, otherThan, rarely } from '../pick.ts';
import { book } from '../transitions.ts';

/** The native app writes a balance that it has read before: its own or another's, lower, higher, or below 0. */
export const writeCredits = defineCommand({
  weight: 5,
  choice: fc.record({ user: anyUser, foreign: rarely, change: fc.constantFrom(-1, -2, -4, 0, 1, 20, -100) }),
  steps({ user, foreign, change }, { model: now }) {
    const by = foreign ? otherThan(user) : user;
    const credits = (now.users[user]?.credits ?? 0) + change;
    return [
      defineCall({
        name: 'write_credits',
        text: `${credits} of ${user} as ${by}`,
        send: (door) =>
          door.asUser(by, `update users set credits = ${credits} where id = '${user}' returning credits`),
        outcome(model) {
          const known = model.users[user];
          if (by !== user || !known) return { model, answer: [] };
          if (credits > known.credits || (credits < known.credits && credits < 0))
            return refuse(model, '42501');
          const amount = credits - known.credits;
          const movement = { kind: 'native_app', amount, job_id: null, reference: 'direct' };
          return { model: amount === 0 ? model : book(model, user, movement), answer: [{ credits }] };
        },
        labels: (answer) => [answer.refused ?? (answer.length > 0 ? 'written' : 'not seen')],
      }),
    ];
  },
});
