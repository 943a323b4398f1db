import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countRemarks, keepLogs } from './deployment/logs.ts';
import { type QueueBackend, startWorld, type World, type WorldOptions } from './deployment/start.ts';
import { type Book, createBook } from './load/book.ts';
import { gather } from './load/crowd.ts';
import { nemeses } from './nemeses/all.ts';
import type { Severity } from './nemeses/nemesis.ts';
import { createRandom } from './random.ts';
import { type Blow, startStorm } from './storm.ts';
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
  world: Pick<WorldOptions, 'apis' | 'workers' | 'latencyMs' | 'overrides'>;
  /** Told every second what is going on. */
  onTick?: (state: Tick) => void;
}

export interface Tick {
  atMs: number;
  counts: ReturnType<Book['counts']>;
  /** What is at work: nemeses, or what comes after them. */
  doing: readonly string[];
}

export interface ChaosResult {
  options: ChaosOptions;
  /** Everything that must not be; empty when all is well. */
  broken: string[];
  blows: readonly Blow[];
  rows: readonly JobRow[];
  book: Book;
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
  const world = await startWorld({ queue: options.queue, ...options.world });
  try {
    return await rage(world, options);
  } finally {
    await world.stop();
  }
}

async function rage(world: World, options: ChaosOptions): Promise<ChaosResult> {
  const { seed, severity, users, queue } = options;
  const startedAt = performance.now();
  const startedAtMs = Date.now();
  const now = () => Math.round(performance.now() - startedAt);
  const random = createRandom(seed);
  const book = createBook({ now });
  const tally = createCallTally();
  const name = `${queue}${seed}`;
  let doing = (): readonly string[] => ['starting'];
  const ticker = setInterval(
    () => options.onTick?.({ atMs: now(), counts: book.counts(), doing: doing() }),
    1_000,
  );
  const counter = setInterval(() => void count(world, tally).catch(() => {}), 60_000);

  try {
    const apis = () => world.apis.members.map(({ url }) => url);
    const { clerkFolder } = world;
    const crowd = await gather({
      apis,
      clerkFolder,
      book,
      random: random.fork('crowd'),
      users,
      jobsEach: 4,
      atMost: options.atMost ?? Number.POSITIVE_INFINITY,
      name,
    });
    const storm = startStorm({ world, nemeses, severity, random: random.fork('storm'), now });
    doing = () => storm.raging;
    await sleep(options.forMs);
    await storm.end();
    await world.heal();
    const stormMs = now();

    doing = () => ['mended: until enough was asked for'];
    while (book.accepted < options.atLeast && now() < stormMs + enoughWithinMs) await sleep(200);
    await crowd.leave();
    doing = () => ['mended: trying new work'];
    const newWork = await tryNewWork(world, {
      book,
      random: random.fork('after'),
      name,
      wanted: 5,
      withinMs: newWorkWithinMs,
    });
    doing = () => ['mended: waiting for the last jobs'];
    await settle(world, { book, random: random.fork('settle'), withinMs: deadlineOf(world) + leewayMs });
    doing = () => ['judging'];
    await count(world, tally);
    const rows = await readRows(world);
    const { blows } = storm;
    const broken = await judge(world, { rows, book, tally, newWork, blows });
    const remarks = await countRemarks(world.folder);
    const logs = broken.length > 0 ? path.join(root, '.local/chaos', name) : null;
    if (logs) await keepLogs(world.folder, logs);
    const tookMs = now();
    return { options, broken, blows, rows, book, newWork, remarks, startedAtMs, stormMs, tookMs, logs };
  } finally {
    clearInterval(ticker);
    clearInterval(counter);
  }
}

async function count(world: World, tally: CallTally): Promise<void> {
  tally.take(await world.gemini.calls());
}

function deadlineOf({ variables }: World): number {
  const [, amount = '', unit = 's'] = /^(\d+)(s|m)$/.exec(variables.JOB_DEADLINE ?? '') ?? [];
  return Number(amount) * (unit === 'm' ? 60_000 : 1_000);
}
