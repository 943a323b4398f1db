import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, styleText } from 'node:util';
import { ISSUER } from '../clerk/instance.ts';
import { loadKeys } from '../clerk/keys.ts';
import { mintToken } from '../clerk/mint.ts';
import { userId } from '../clerk/user-id.ts';
import { createClient } from '../demo/client.ts';
import { receipts } from '../demo/receipts.ts';
import { type Finished, runScenarios } from '../demo/run.ts';
import { scenarios } from '../demo/scenarios.ts';
import { table } from '../demo/table.ts';
import { type Stack, startStack } from '../stack/start.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const out = process.stdout;
const say = (line = '') => out.write(`${line}\n`);
const title = (text: string) => say(`\n${styleText('bold', text)}`);

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
const started = performance.now();

let stack: Stack | undefined;
try {
  title('Darkroom demo: five jobs');
  stack = await startStack({
    environment: process.env,
    workers: 2,
    geminiLatencyMs: { min: 4_000, max: 7_000 },
    ownQueue: true,
    overrides: {
      DEFAULT_CREDITS: '20',
      CREDIT_COSTS: 'gemini-nano-banana-2.1=3,gemini-3-pro-image=3,gemini-3.1-flash-lite-image=2',
    },
    requireRedis: process.env.CI === 'true',
    say: (line) => say(`  ${line}`),
  });
  for (const line of stack.parts.described) say(`  ${line}`);
  say(`  API       ${stack.api.url}, with 2 workers, ready in ${seconds(started)}\n`);
  await show(stack);
} catch (error) {
  if (!stopping.signal.aborted)
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack?.stop();
}
if (!process.exitCode) sayWhatNext();
process.exit();

async function show(running: Stack): Promise<void> {
  const client = createClient(running.api.url, await signIn(running));
  const before = await client.me();
  say(`  A new user has ${before.credits} credits.\n`);
  const models = (running.variables.GEMINI_MODELS ?? 'gemini-nano-banana-2.1,gemini-3-pro-image').split(',');
  const plan = scenarios(running.parts.gemini ? 'local' : 'real', models);
  const finished = await runScenarios(client, plan, {
    folder: path.join(root, 'out'),
    out,
    signal: stopping.signal,
  });
  showReceipts(finished);
  await showLedger(client, finished);
  await showAudit(running);
}

async function signIn(running: Stack): Promise<string> {
  if (!running.parts.clerk) {
    const token = process.env.DEMO_TOKEN;
    if (!token)
      throw new Error('CLERK_SECRET_KEY is set: set DEMO_TOKEN to a session token of that instance');
    return token;
  }
  const keys = await loadKeys(path.join(root, '.local', 'clerk'));
  return mintToken(keys, { userId: userId(`demo-${Date.now()}`), issuer: ISSUER, expiresInSeconds: 600 });
}

function showReceipts(finished: Finished[]): void {
  title('Receipts');
  say(
    receipts(finished, ({ file, job }) =>
      file ? `${path.relative(root, file)} ${job.width}×${job.height}` : null,
    ),
  );
}

async function showLedger(client: ReturnType<typeof createClient>, finished: Finished[]): Promise<void> {
  const titles = new Map(finished.map(({ scenario, job }) => [job.id, scenario.title]));
  const { data } = await client.ledger();
  title('Ledger');
  say(
    table(
      ['movement', 'amount', 'balance', 'job'],
      data
        .reverse()
        .map((row) => [row.kind, row.amount, row.balance_after, titles.get(row.job_id ?? '') ?? row.reason]),
    ),
  );
}

function sayWhatNext(): void {
  title('Next');
  say(`  The demo took ${seconds(started)} and has stopped everything it started. The images are in out/.`);
  say('  npm run local   starts the local stack with the page, and keeps it running');
  say('  README.md       the next steps; docs/ has a page for each topic');
}

/** Runs the operators' audit command on the same database. */
async function showAudit(running: Stack): Promise<void> {
  title('Audit');
  const { stdout } = await promisify(execFile)(process.execPath, ['apps/ops/src/main.ts', 'audit'], {
    cwd: root,
    env: { ...process.env, ...running.variables, ...running.reaper.env },
  });
  say(`  ${stdout.trim().replaceAll('\n', '\n  ')}`);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}
