import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeEnvFile } from '../stack/env-file.ts';
import { type Stack, startStack } from '../stack/start.ts';

const usage = `npm run local -- [--workers N] [--keep] [--latency 500ms]

  --workers N      the number of workers, 0 to 64 (default 1)
  --keep           keep the database and images in .local/data, and use what is there
  --latency 500ms  the time for one image (default: about a second)
`;
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const envFile = '.local/env';

const options = readOptions();
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

let stack: Stack | undefined;
try {
  stack = await startStack({
    environment: process.env,
    workers: options.workers,
    keep: options.keep,
    webPort: 0,
    geminiLatencyMs: options.latencyMs,
    requireRedis: process.env.CI === 'true',
    say: (line) => process.stderr.write(`${line}\n`),
    onLost: (reason) => process.stderr.write(`${reason}\n`),
  });
  if (!stopping.signal.aborted) announce(stack);
  if (!stopping.signal.aborted) {
    await new Promise<void>((resolve) =>
      stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack?.stop();
}
process.exit();

function announce(running: Stack): void {
  writeEnvFile(path.join(root, envFile), running.variables);
  for (const line of running.parts.described) process.stderr.write(`  ${line}\n`);
  if (running.web) process.stderr.write(`  Page      ${running.web.url}\n`);
  process.stderr.write(
    `  API       ${running.api.url}\n  Logs      ${path.relative(root, running.runFolder)}\n`,
  );
  for (const app of [running.api, ...running.workers]) {
    void app.exited.then(({ code, signal }) => {
      if (!stopping.signal.aborted)
        process.stderr.write(`${app.name} ended unexpectedly (${signal ?? `code ${code}`}).\n`);
    });
  }
  const ready = {
    event: 'ready',
    api: running.api.url,
    web: running.web?.url ?? null,
    env_file: envFile,
    pids: {
      local: process.pid,
      api: running.api.pid,
      workers: running.workers.map((worker) => worker.pid),
    },
    metrics: running.workers.map((worker) => worker.metricsUrl),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        workers: { type: 'string', default: '1' },
        keep: { type: 'boolean', default: false },
        latency: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const workers = Number(values.workers);
    if (!Number.isInteger(workers) || workers < 0 || workers > 64) {
      throw new Error(`--workers ${values.workers}: must be a whole number from 0 to 64`);
    }
    return { workers, keep: values.keep, latencyMs: readLatency(values.latency) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

function readLatency(text: string | undefined): { min: number; max: number } | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  if (!amount) throw new Error(`--latency ${text}: must be a time such as 500ms or 2s`);
  const ms = Number(amount) * (unit === 's' ? 1_000 : 1);
  return { min: ms, max: ms };
}
