import { styleText } from 'node:util';
import type { DemoJob } from './client.ts';

export interface Line {
  title: string;
  job: DemoJob | null;
}

/** Shows jobs side by side: bars that move where there is a terminal, else a line for each change. */
export function createScreen(out: NodeJS.WriteStream) {
  let drawn = 0;
  const told = new Map<string, string>();

  function draw(lines: Line[]): void {
    if (!out.isTTY) {
      tell(lines);
      return;
    }
    if (drawn > 0) out.write(`\u001B[${drawn}A`);
    for (const line of lines) out.write(`\u001B[2K${row(line, out.columns ?? 100)}\n`);
    drawn = lines.length;
  }

  function tell(lines: Line[]): void {
    for (const { title, job } of lines) {
      if (!job) continue;
      const state = `${job.status.padEnd(10)} ${job.stage.padEnd(10)} ${String(job.progress).padStart(3)}%`;
      if (told.get(title) === state) continue;
      told.set(title, state);
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
  const width = Math.max(10, Math.min(32, columns - 74));
  const filled = Math.round((progress / 100) * width);
  const color = colors[job?.status ?? 'pending'];
  const bar = `${styleText(color, '█'.repeat(filled))}${styleText('gray', '░'.repeat(width - filled))}`;
  return `  ${title.padEnd(27)} ${bar} ${String(progress).padStart(3)}%  ${styleText(color, said(job))}`;
}

function said(job: DemoJob | null): string {
  if (!job) return '';
  switch (job.status) {
    case 'pending':
      return 'queued';
    case 'processing':
      return job.stage;
    case 'completed':
      return `done by ${job.model}`;
    case 'failed':
    case 'canceled':
      return `${job.error_code}, refunded ${job.receipt.refunded}`;
  }
}
