import { DomainError } from '@darkroom/db/errors';
import type { JobFile } from '@darkroom/db/operators/jobs';
import type { Command } from '../cli/command.ts';
import { readId } from '../cli/read-values.ts';
import { facts, table } from '../cli/table.ts';
import { ago, clock } from '../cli/times.ts';
import { withoutPrompt } from './jobs-list.ts';
import { ledgerTable } from './users-show.ts';

/** One job with its run, its calls of models, its movements of credits and its webhooks. */
export const jobsShow: Command = {
  name: 'jobs show',
  summary: 'one job: how it runs, what it called, its credits, its webhooks',
  arguments: ['<job id>'],
  options: {
    prompt: {
      summary: 'shows what the user and the app wrote, too: prompt, metadata, whole addresses of webhooks',
    },
  },
  async run(input, { operator, now }) {
    const jobId = readId(input.arguments[0], 'job');
    const file = await operator().getJob({ jobId });
    if (file === null) throw new DomainError('not_found', 'there is no such job');
    const withPrompt = input.flag('prompt');
    return {
      data: withPrompt ? file : withoutWords(file),
      text: describe(file, { withPrompt, now: now() }),
    };
  },
};

/** Addresses of webhooks may hold what their owner keeps secret: without it their hosts are shown. */
function withoutWords({ job, webhooks, ...file }: JobFile) {
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
      ['made', `${clock(job.created_at)} (${ago(job.created_at, options.now)} ago)`],
      ['started', clock(job.started_at)],
      ['ended', clock(job.completed_at)],
      ['deadline', clock(job.deadline_at)],
      ['model', `${job.model ?? '-'} (asked for ${job.model_requested ?? '-'})`],
      ['receipt', job.receipt === null ? null : spellReceipt(job.receipt)],
      ['image', job.output_image_url],
      ...(options.withPrompt ? ([['prompt', job.prompt]] as const) : []),
    ]),
  ];
  if (run) {
    parts.push(
      facts([
        ['attempt', run.attempt],
        ['worker', run.worker_id],
        ['due', clock(run.run_at)],
        ['delivery', `${run.delivery}, ${spellDelivery(run.active, run.delivered_at)}`],
        ['priority', run.priority],
        ['retries', [run.counted_retries, ...run.past_failures].join(' ')],
        ['workers lost', run.losses],
        ['model calls', run.model_calls],
      ]),
    );
    if (run.attempts_log.length > 0) {
      parts.push(
        table(
          ['called', 'answer', 'ms'],
          run.attempts_log.map(({ model, code, ms }) => [model, code ?? 'under way', ms]),
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

function spellDelivery(active: boolean, deliveredAt: string | null): string {
  if (!active) return 'no more';
  return deliveredAt === null ? 'not in the queue' : `in the queue since ${clock(deliveredAt)}`;
}

function spellReceipt({
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
