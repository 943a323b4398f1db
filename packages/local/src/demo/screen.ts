import { styleText } from 'node:util';
import type { DemoJob } from './client.ts';

export interface Line {
  title: string;
  job: DemoJob | null;
}

/** Shows jobs as progress bars in a terminal, elsewhere as one line for each change. */
export function createScreen(out: NodeJS.WriteStream) {
  let drawn = 0;
  const shown = new Map<string, string>();

  function draw(lines: Line[]): void {
    if (!out.isTTY) {
      showChanges(lines);
      return;
    }
    if (drawn > 0) out.write(`\u001B[${drawn}A`);
    for (const line of lines) out.write(`\u001B[2K${row(line, out.columns ?? 100)}\n`);
    drawn = lines.length;
  }

  function showChanges(lines: Line[]): void {
    for (const { title, job } of lines) {
      if (!job) continue;
      const percent = job.status === 'processing' ? ` ${job.progress}%` : '';
      const state = `${describe(job)}${percent}`;
      if (shown.get(title) === state) continue;
      shown.set(title, state);
      out.write(`  ${title.padEnd(27)} ${state}\n`);
    }
  }

  return { draw };
}

const colors = {
  pending: 'gray',
  processing: 'yellow',
  completed: 'green',
  failed: 'red',
  canceled: 'magenta',
} as const;

function row({ title, job }: Line, columns: number): string {
  const progress = job?.progress ?? 0;
  const width = Math.max(10, Math.min(32, columns - 84));
  const filled = Math.round((progress / 100) * width);
  const color = colors[job?.status ?? 'pending'];
  const bar = `${styleText(color, '█'.repeat(filled))}${styleText('gray', '░'.repeat(width - filled))}`;
  return `  ${title.padEnd(27)} ${bar}  ${styleText(color, job ? describe(job) : '')}`;
}

/** The stage of an ended job is always `done`, and its progress is where it stopped: neither says how it ended. */
function describe(job: DemoJob): string {
  const { refunded } = job.receipt;
  switch (job.status) {
    case 'pending':
      return 'queued';
    case 'processing':
      return job.stage;
    case 'completed':
      return `completed by ${job.model}`;
    case 'failed':
      return `failed: ${job.error_code}, ${refunded} credits refunded`;
    case 'canceled':
      return `canceled at ${job.progress}%, ${refunded} credits refunded`;
  }
}
