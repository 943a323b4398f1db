import * as fc from 'fast-check';
import { type Call, defineCall, defineCommand } from '../command.ts';
import { replay as replayed, showJob, submit } from '../submit.ts';

interface Known {
  user: string;
  key: string;
  hash: string;
}

/** The same key again, with the same request or another one; through create_job or asked for alone. */
export const replay = defineCommand({
  weight: 5,
  choice: fc.record({
    nth: fc.nat({ max: 11 }),
    hash: fc.constantFrom('one', 'one', 'two'),
    alone: fc.boolean(),
    price: fc.constantFrom(1, 100),
  }),
  steps({ nth, hash, alone, price }, { model }) {
    const keys = Object.keys(model.keys);
    if (keys.length === 0) return [];
    const [user, ...key] = keys[nth % keys.length]!.split(' ');
    const known = { user: user!, key: key.join(' '), hash };
    return [alone ? ask(known) : submit({ ...known, price, deadlineMs: 600_000 })];
  },
});

const ask = (known: Known): Call =>
  defineCall({
    name: 'replay_job',
    text: `${known.key}/${known.hash} of ${known.user}`,
    async send(door) {
      const answer: any = await door.call('select replay_job($1, $2, $3)', [
        known.user,
        known.key,
        known.hash,
      ]);
      return answer?.job ? { ...answer, job: showJob(answer.job.id, answer.job) } : answer;
    },
    outcome: (model) => replayed(model, known) ?? { model, answer: null },
    labels: (answer) => [answer?.refused ?? (answer ? 'replayed' : 'unknown')],
  });
