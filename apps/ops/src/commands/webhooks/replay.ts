import { DomainError } from '@darkroom/db/errors';
import type { ReplayedWebhook } from '@darkroom/db/webhooks/webhooks';
import { type Answer, type Command, type Tools, UsageError } from '../../cli/command.ts';
import { isId, parseId } from '../../cli/parse-values.ts';

export const webhooksReplay: Command = {
  name: 'webhooks replay',
  summary: 'sends a webhook to an app again, or processes a Stripe event again (asks first)',
  arguments: ['[delivery id or Stripe event id]'],
  options: { job: { value: '<job id>', summary: 'all webhooks of this job' } },
  details: `
A webhook is sent now, under the same id. A Stripe event is processed as it was stored; credits are booked once per
reference, so a repeat is harmless. It helps once the user is known. For an unknown price, add it to
STRIPE_PRICE_CREDITS and let Stripe send the event again.`,
  async run(input, tools) {
    const [id] = input.arguments;
    const job = input.option('job');
    if ((id === undefined) === (job === undefined)) throw new UsageError('give either an id or --job');
    if (job !== undefined) return replay(tools, { jobId: parseId(job, 'job') });
    if (id !== undefined && isId(id)) return replay(tools, { deliveryId: id });
    if (!id?.startsWith('evt_'))
      throw new UsageError(`"${id}" is neither the id of a webhook delivery nor of a Stripe event`);
    return processAgain(tools, id);
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
      const what = 'jobId' in which ? 'this job has no webhooks' : 'there is no such webhook delivery';
      throw new DomainError('not_found', what);
    });
  const lines = replayed.map(
    ({ id, job_id, type, host, attempts }) =>
      `${id}  ${type} of job ${job_id} will be sent to ${host} again, after ${attempts} attempts\n`,
  );
  return { data: { data: replayed }, text: lines.join('') };
}

async function processAgain({ operator, confirm }: Tools, id: string): Promise<Answer> {
  await confirm(`Event ${id} will be processed again, which may book credits.`);
  const taken = await operator().takeEventAgain({ id });
  if (taken === null) throw new DomainError('not_found', 'there is no such Stripe event');
  const unresolved = ['unknown_user', 'unknown_price', 'deleted_user'].includes(taken.outcome);
  const note = taken.note ? ` (${taken.note})` : '';
  return {
    data: { id, ...taken },
    text: `${id}: ${taken.outcome}${note}${taken.user_id ? `, user ${taken.user_id}` : ''}\n`,
    code: unresolved ? 1 : 0,
  };
}
