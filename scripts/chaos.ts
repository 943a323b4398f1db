import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { QueueBackend } from '../tests/failures/chaos/deployment/start.ts';
import { describeTick } from '../tests/failures/chaos/report/live.ts';
import { writeReport } from '../tests/failures/chaos/report/markdown.ts';
import { type ChaosResult, runChaos } from '../tests/failures/chaos/run.ts';

const usage = `npm run chaos -- [--minutes 30] [--seed N] [--queue redis|postgres|both] [--report <file>]

Runs a deployment under load while its services and processes fail, and then checks every guarantee. --minutes is the
time with faults, divided between the two backends with --queue both (the default). The same seed gives the same faults.
Exits 1 when a guarantee is broken, and then keeps the logs.
`;

let shown = 0;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  return 1;
});

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string' },
      queue: { type: 'string', default: 'both' },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const minutes = Number(values.minutes);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const queues = queuesOf(values.queue);
  if (!(minutes > 0) || !Number.isInteger(seed) || !queues) throw new Error(usage);

  const results: ChaosResult[] = [];
  for (const queue of queues) results.push(await run(queue, seed, (minutes * 60_000) / queues.length));

  const command = `npm run chaos -- --minutes ${minutes} --seed ${seed} --queue ${values.queue}`;
  const report = writeReport(results, command);
  process.stdout.write(`\n${report}`);
  if (values.report) await write(values.report, report);
  return results.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

function queuesOf(name: string): QueueBackend[] | null {
  if (name === 'both') return ['redis', 'postgres'];
  return name === 'redis' || name === 'postgres' ? [name] : null;
}

async function run(queue: QueueBackend, seed: number, forMs: number): Promise<ChaosResult> {
  process.stdout.write(`chaos on ${queue}, seed ${seed}, ${Math.round(forMs / 60_000)} minutes of faults\n`);
  const show = createScreen();
  const result = await runChaos({
    queue,
    seed,
    severity: forMs < 180_000 ? 'short' : 'long',
    forMs,
    atLeast: 0,
    users: 40,
    deployment: {
      apis: 2,
      workers: 4,
      latencyMs: { min: 150, max: 600 },
      overrides: { JOB_DEADLINE: '3m', MODEL_TIMEOUT: '8s', SHUTDOWN_GRACE: '10s' },
    },
    onTick: (tick) => show(describeTick(tick)),
  });
  process.stdout.write('\n');
  if (result.logs) process.stdout.write(`The logs are in ${result.logs}.\n`);
  return result;
}

/** One line that is updated on a terminal; elsewhere one line every 15 seconds. */
function createScreen(): (line: string) => void {
  const { stdout } = process;
  return (line) => {
    shown += 1;
    if (stdout.isTTY) stdout.write(`\r\x1b[K${line.slice(0, (stdout.columns ?? 120) - 1)}`);
    else if (shown % 15 === 1) stdout.write(`${line}\n`);
  };
}

async function write(file: string, report: string): Promise<void> {
  const target = path.resolve(process.env.INIT_CWD ?? '.', file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, report);
}
