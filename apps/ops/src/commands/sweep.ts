import { openQueue } from '@darkroom/core/queue/open';
import { createFactLog } from '@darkroom/core/runtime/log/log';
import type { PlannedStep } from '@darkroom/db/operators/sweep';
// The only import between apps: this command runs the very pass that workers run, which is part of apps/worker.
import { createSweepPass } from '@darkroom/worker/maintenance/sweep/sweep';
import type { Command } from '../cli/command.ts';
import { table } from '../display/table.ts';
import { ago } from '../display/times.ts';

const descriptions: Record<PlannedStep['what'], string> = {
  cancel: 'cancel and refund: its Cancel-After has passed',
  fail_overdue: 'fail and refund: its deadline has passed',
  fail_crashed: 'fail and refund: it lost its worker 3 times',
  take_back: 'take back: the lease of its worker has expired',
  deliver: 'enqueue',
};

export const sweep: Command = {
  name: 'sweep',
  summary: 'one sweep, as every worker runs it every few seconds (asks if jobs would end)',
  options: { 'dry-run': { summary: 'prints what it would do and does nothing; exits 0' } },
  details: `
The dry run does not include deliveries that the queue has lost: finding them needs the queue.`,
  async run(input, { operator, database, queueUrl, log: silent, confirm, now, signal, onExit }) {
    const steps = await operator().previewSweep({ limit: 500 });
    const planned = steps.length === 0 ? 'Nothing to do.\n' : planTable(steps, now());
    if (input.flag('dry-run')) return { data: { data: steps }, text: planned };

    const ending = steps.filter(({ what }) => what !== 'deliver' && what !== 'take_back').length;
    if (ending > 0) await confirm(`${ending} jobs will end and be refunded.`);
    const queue = openQueue({ url: queueUrl(), log: silent });
    onExit(() => queue.close());
    const logged: { event: string; [field: string]: unknown }[] = [];
    const log = createFactLog((event, fields) => void logged.push({ event, ...plain(fields) }));
    const dependency = { up() {}, down: (error: unknown) => log.fact('database_unavailable', { error }) };
    await createSweepPass({ db: database(), queue, database: dependency, log, signal })();
    const failed = logged.some(({ event }) => event.endsWith('_unavailable'));
    return {
      data: { planned: steps, done: logged },
      text: `${planned}\n${logged.length === 0 ? 'Nothing was done.' : logged.map(formatFact).join('\n')}\n`,
      code: failed ? 1 : 0,
    };
  },
};

function planTable(steps: readonly PlannedStep[], now: number): string {
  return table(
    ['job', 'user', 'due for', 'the sweep will'],
    steps.map(({ job_id, user_id, since, what }) => [job_id, user_id, ago(since, now), descriptions[what]]),
  );
}

/** Errors do not survive JSON. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}

function formatFact({ event, ...fields }: { event: string; [field: string]: unknown }): string {
  return [event, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join('  ');
}
