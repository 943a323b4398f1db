import { openQueue } from '@darkroom/core/queue/open';
import { describing } from '@darkroom/core/runtime/log/log';
import type { PlannedStep } from '@darkroom/db/operators/sweep';
// The only import between apps: this command runs the very pass that workers run, which is part of apps/worker.
import { createSweepPass } from '@darkroom/worker/maintenance/sweep/sweep';
import type { Command } from '../cli/command.ts';
import { table } from '../cli/table.ts';
import { ago } from '../cli/times.ts';

const words: Record<PlannedStep['what'], string> = {
  cancel: 'cancel and refund: its client’s time is over',
  fail_overdue: 'fail and refund: its deadline has passed',
  fail_crashed: 'fail and refund: it has lost its worker 3 times',
  take_back: 'take back from a worker whose lease is over',
  deliver: 'deliver to the queue',
};

/** One pass of the sweeper, or what it would do. */
export const sweep: Command = {
  name: 'sweep',
  summary: 'one pass of the sweeper, as every worker makes it every few seconds (asks when jobs would end)',
  options: { 'dry-run': { summary: 'says what it would do, and does nothing; exits 0' } },
  details: `
What the sweeper cannot know without the queue, deliveries that the queue has lost, is not in the dry run.`,
  async run(input, { operator, database, queueUrl, log, confirm, now, signal, afterwards }) {
    const steps = await operator().previewSweep({ limit: 500 });
    const planned = steps.length === 0 ? 'There is nothing to do.\n' : planTable(steps, now());
    if (input.flag('dry-run')) return { data: { data: steps }, text: planned };

    const ending = steps.filter(({ what }) => what !== 'deliver' && what !== 'take_back').length;
    if (ending > 0) await confirm(`${ending} jobs will end and be refunded.`);
    const queue = openQueue({ url: queueUrl(), log });
    afterwards(() => queue.close());
    const told: { event: string; [field: string]: unknown }[] = [];
    const telling = describing((event, fields) => void told.push({ event, ...plain(fields) }));
    const dependency = { up() {}, down: (error: unknown) => telling.fact('database_unavailable', { error }) };
    await createSweepPass({ db: database(), queue, database: dependency, log: telling, signal })();
    const failed = told.some(({ event }) => event.endsWith('_unavailable'));
    return {
      data: { planned: steps, done: told },
      text: `${planned}\n${told.length === 0 ? 'Nothing was done.' : told.map(spell).join('\n')}\n`,
      code: failed ? 1 : 0,
    };
  },
};

function planTable(steps: readonly PlannedStep[], now: number): string {
  return table(
    ['job', 'user', 'due for', 'the sweep will'],
    steps.map(({ job_id, user_id, since, what }) => [job_id, user_id, ago(since, now), words[what]]),
  );
}

/** Errors do not survive JSON. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}

function spell({ event, ...fields }: { event: string; [field: string]: unknown }): string {
  return [event, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join('  ');
}
