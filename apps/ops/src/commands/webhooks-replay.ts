import { DomainError } from '@darkroom/db/errors';
import type { ReplayedWebhook } from '@darkroom/db/webhooks/webhooks';
import { type Answer, type Command, type Tools, UsageError } from '../cli/command.ts';
import { isId, readId } from '../cli/read-values.ts';

/** Sends a webhook to an app again, or takes in one of Stripe's again. */
export const webhooksReplay: Command = {
  name: 'webhooks replay',
  summary: 'sends a webhook again now, under the same id; or takes an event of Stripe in again (asks first)',
  arguments: ['[delivery id or Stripe event id]'],
  options: { job: { value: '<job id>', summary: 'all webhooks of this job' } },
  details: `
An event of Stripe is taken in as it was written down: credits are booked once a reference, so a repeat is harmless.
It helps once its user is known here. An unknown price stays unknown: put it into STRIPE_PRICE_CREDITS and have Stripe
send the event again.`,
  async run(input, tools) {
    const [id] = input.arguments;
    const job = input.option('job');
    if ((id === undefined) === (job === undefined)) throw new UsageError('either an id or --job is needed');
    if (job !== undefined) return replay(tools, { jobId: readId(job, 'job') });
    if (id !== undefined && isId(id)) return replay(tools, { deliveryId: id });
    if (!id?.startsWith('evt_'))
      throw new UsageError(`"${id}" is no id of a delivery and none of a Stripe event`);
    return takeAgain(tools, id);
  },
};

async function replay(
  { database }: Tools,
  which: { deliveryId: string } | { jobId: string },
): Promise<Answer> {
  const replayed = await database()
    .replayWebhooks(which)
    .catch((error: unknown): ReplayedWebhook[] => {
      if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
      const what = 'jobId' in which ? 'this job has no deliveries' : 'there is no such delivery';
      throw new DomainError('not_found', what);
    });
  const lines = replayed.map(
    ({ id, job_id, type, host, attempts }) =>
      `${id}  ${type} of job ${job_id} goes to ${host} again, after ${attempts} attempts\n`,
  );
  return { data: { data: replayed }, text: lines.join('') };
}

async function takeAgain({ operator, confirm }: Tools, id: string): Promise<Answer> {
  await confirm(`Event ${id} will be taken in again, which may book credits.`);
  const taken = await operator().takeEventAgain({ id });
  if (taken === null) throw new DomainError('not_found', 'there is no such event of Stripe');
  const open = ['unknown_user', 'unknown_price', 'deleted_user'].includes(taken.outcome);
  const note = taken.note ? ` (${taken.note})` : '';
  return {
    data: { id, ...taken },
    text: `${id}: ${taken.outcome}${note}${taken.user_id ? `, user ${taken.user_id}` : ''}\n`,
    code: open ? 1 : 0,
  };
}
