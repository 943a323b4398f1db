import { DomainError } from '@darkroom/db/errors';
import type { JobFile } from '@darkroom/db/operators/jobs';
import type { Command } from '../../cli/command.ts';
import { parseId } from '../../cli/parse-values.ts';
import { ledgerTable } from '../../display/ledger-table.ts';
import { facts, table } from '../../display/table.ts';
import { ago, timestamp } from '../../display/times.ts';
import { withoutPrompt } from '../../display/without-prompt.ts';

export const jobsShow: Command = {
  name: 'jobs show',
  summary: 'one job with its run, model calls, credits and webhooks',
  arguments: ['<job id>'],
  options: {
    prompt: {
      summary: 'also shows texts of the user and the app: prompt, metadata, full webhook URLs',
    },
  },
  async run(input, { operator, now }) {
    const jobId = parseId(input.arguments[0], 'job');
    const file = await operator().getJob({ jobId });
    if (file === null) throw new DomainError('not_found', 'there is no such job');
    const withPrompt = input.flag('prompt');
    return {
      data: withPrompt ? file : withoutTexts(file),
      text: describe(file, { withPrompt, now: now() }),
    };
  },
};

/** Webhook URLs may contain secrets, so only their hosts are kept. */
function withoutTexts({ job, webhooks, ...file }: JobFile) {
  return {
    ...file,
    job: withoutPrompt(job),
    webhooks: webhooks.map(({ url, ...webhook }) => ({ ...webhook, host: new URL(url).host })),
  };
}

function describe({ job, ledger, webhooks }: JobFile, options: { withPrompt: boolean; now: number }): string {
  const { run } = job;
  const parts = [
    facts([
      ['job', job.id],
      ['user', job.user_id],
      ['status', [job.status, job.error_code].filter(Boolean).join(': ')],
      ['cause', run?.cause],
      ['stage', `${job.stage ?? '-'}, ${job.progress} %`],
      ['created', `${timestamp(job.created_at)} (${ago(job.created_at, options.now)} ago)`],
      ['started', timestamp(job.started_at)],
      ['ended', timestamp(job.completed_at)],
      ['deadline', timestamp(job.deadline_at)],
      ['model', `${job.model ?? '-'} (requested: ${job.model_requested ?? '-'})`],
      ['receipt', job.receipt === null ? null : formatReceipt(job.receipt)],
      ['image', job.output_image_url],
      ...(options.withPrompt ? ([['prompt', job.prompt]] as const) : []),
    ]),
  ];
  if (run) {
    parts.push(
      facts([
        ['attempt', run.attempt],
        ['worker', run.worker_id],
        ['due', timestamp(run.run_at)],
        ['delivery', `${run.delivery}, ${describeDelivery(run.active, run.delivered_at)}`],
        ['priority', run.priority],
        ['retries', [run.counted_retries, ...run.past_failures].join(' ')],
        ['workers lost', run.losses],
        ['model calls', run.model_calls],
      ]),
    );
    if (run.attempts_log.length > 0) {
      parts.push(
        table(
          ['model call', 'result', 'ms'],
          run.attempts_log.map(({ model, code, ms }) => [model, code ?? 'running', ms]),
        ),
      );
    }
  }
  if (ledger.length > 0) parts.push(ledgerTable(ledger));
  if (webhooks.length > 0) {
    parts.push(
      table(
        ['webhook', 'event', 'status', 'attempts', 'answer'],
        webhooks.map((row) => [
          row.id,
          row.type,
          row.status,
          row.attempts,
          row.last_status ?? row.last_error,
        ]),
      ),
    );
  }
  return parts.join('\n');
}

function describeDelivery(active: boolean, deliveredAt: string | null): string {
  if (!active) return 'ended';
  return deliveredAt === null ? 'not in the queue' : `in the queue since ${timestamp(deliveredAt)}`;
}

function formatReceipt({
  charged,
  refunded,
  net,
}: {
  charged: number;
  refunded: number;
  net: number;
}): string {
  return `${charged} charged, ${refunded} refunded, ${net} net`;
}
