import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countRemarks, keepLogs } from './deployment/logs.ts';
import {
  type Deployment,
  type DeploymentOptions,
  type QueueBackend,
  startDeployment,
} from './deployment/start.ts';
import { createHistory, type History } from './load/history.ts';
import { startUsers } from './load/users.ts';
import { nemeses } from './nemeses/all.ts';
import type { Severity } from './nemeses/nemesis.ts';
import { createRandom } from './random.ts';
import { type Strike, startStorm } from './storm.ts';
import { type CallTally, createCallTally } from './verdict/call-tally.ts';
import { judge } from './verdict/judge.ts';
import { type NewWork, tryNewWork } from './verdict/new-work.ts';
import { type JobRow, readRows } from './verdict/rows.ts';
import { settle } from './verdict/settle.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export interface ChaosOptions {
  queue: QueueBackend;
  seed: number;
  severity: Severity;
  /** How long things go wrong, in milliseconds. */
  forMs: number;
  /** Jobs to be accepted at the least: when the storm is over the users stay until then. */
  atLeast: number;
  /** Nobody asks for more than that. Default: no limit. */
  atMost?: number;
  users: number;
  deployment: Pick<DeploymentOptions, 'apis' | 'workers' | 'latencyMs' | 'overrides'>;
  /** Told every second what is going on. */
  onTick?: (state: Tick) => void;
}

export interface Tick {
  atMs: number;
  counts: ReturnType<History['counts']>;
  /** What is at work: nemeses, or what comes after them. */
  doing: readonly string[];
}

export interface ChaosResult {
  options: ChaosOptions;
  /** Everything that must not be; empty when all is well. */
  broken: string[];
  strikes: readonly Strike[];
  rows: readonly JobRow[];
  history: History;
  newWork: NewWork;
  /** Lines of the apps' logs that are no fault by themselves and worth a look. */
  remarks: Record<string, number>;
  /** When the run began, in epoch milliseconds. */
  startedAtMs: number;
  /** From there until everything was mended, and until the last check. */
  stormMs: number;
  tookMs: number;
  /** Where the logs are kept, when something is broken. */
  logs: string | null;
}

/** What the apps' deadlines leave open: a sweep, and a machine that is busy. */
const leewayMs = 60_000;
const newWorkWithinMs = 120_000;
const enoughWithinMs = 180_000;

/** Runs the product under load in a storm, mends everything, waits until all have ended, and judges. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const deployment = await startDeployment({ queue: options.queue, ...options.deployment });
  try {
    return await run(deployment, options);
  } finally {
    await deployment.stop();
  }
}

async function run(deployment: Deployment, options: ChaosOptions): Promise<ChaosResult> {
  const { seed, severity, users, queue } = options;
  const startedAt = performance.now();
  const startedAtMs = Date.now();
  const now = () => Math.round(performance.now() - startedAt);
  const random = createRandom(seed);
  const history = createHistory({ now });
  const tally = createCallTally();
  const name = `${queue}${seed}`;
  let doing = (): readonly string[] => ['starting'];
  const ticker = setInterval(
    () => options.onTick?.({ atMs: now(), counts: history.counts(), doing: doing() }),
    1_000,
  );
  const counter = setInterval(() => void count(deployment, tally).catch(() => {}), 60_000);

  try {
    const apis = () => deployment.apis.members.map(({ url }) => url);
    const { clerkFolder } = deployment;
    const running = await startUsers({
      apis,
      clerkFolder,
      history,
      random: random.fork('users'),
      users,
      jobsEach: 4,
      atMost: options.atMost ?? Number.POSITIVE_INFINITY,
      name,
    });
    const storm = startStorm({ deployment, nemeses, severity, random: random.fork('storm'), now });
    doing = () => storm.active;
    await sleep(options.forMs);
    await storm.end();
    await deployment.heal();
    const stormMs = now();

    doing = () => ['mended: until enough was asked for'];
    while (history.accepted < options.atLeast && now() < stormMs + enoughWithinMs) await sleep(200);
    await running.leave();
    doing = () => ['mended: trying new work'];
    const newWork = await tryNewWork(deployment, {
      history,
      random: random.fork('after'),
      name,
      wanted: 5,
      withinMs: newWorkWithinMs,
    });
    doing = () => ['mended: waiting for the last jobs'];
    await settle(deployment, {
      history,
      random: random.fork('settle'),
      withinMs: deadlineOf(deployment) + leewayMs,
    });
    doing = () => ['judging'];
    await count(deployment, tally);
    const rows = await readRows(deployment);
    const { strikes } = storm;
    const broken = await judge(deployment, { rows, history, tally, newWork, strikes });
    const remarks = await countRemarks(deployment.folder);
    const logs = broken.length > 0 ? path.join(root, '.local/chaos', name) : null;
    if (logs) await keepLogs(deployment.folder, logs);
    const tookMs = now();
    return { options, broken, strikes, rows, history, newWork, remarks, startedAtMs, stormMs, tookMs, logs };
  } finally {
    clearInterval(ticker);
    clearInterval(counter);
  }
}

async function count(deployment: Deployment, tally: CallTally): Promise<void> {
  tally.take(await deployment.gemini.calls());
}

function deadlineOf({ variables }: Deployment): number {
  const [, amount = '', unit = 's'] = /^(\d+)(s|m)$/.exec(variables.JOB_DEADLINE ?? '') ?? [];
  return Number(amount) * (unit === 'm' ? 60_000 : 1_000);
}
