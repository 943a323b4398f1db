/**
 * npm run measure:database: what a call of the database costs over the Data API and over connections of the process's
 * own, in turns on the same server. Prints one object. The local gateway stands in for PostgREST: its own share is told
 * apart, and is not PostgREST's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { migrate } from '@darkroom/db/migrate/migrate';
import { type OpenDatabase, openDatabase } from '@darkroom/db/open';
import { startGateway } from '@darkroom/local/gateway/start';
import { startPostgres } from '@darkroom/local/postgres/start';

const turns = 5;
const turnMs = 1_500;
const atOnce = 8;
const secretKey = 'sb_secret_measured';

type Way = 'supabase' | 'direct';
type Operation = 'create_job' | 'get_job';

if (process.send) await serveGateway(process.argv[2]!);
else await measure();

/** A process of its own, so that its work is not taken for that of the caller. */
async function serveGateway(databaseUrl: string): Promise<void> {
  const gateway = await startGateway({
    databaseUrl,
    secretKey,
    publishableKey: 'sb_publishable_measured',
    jwksUrl: 'http://127.0.0.1:1/jwks',
  });
  process.on('disconnect', () => process.exit());
  process.send?.(gateway.url);
}

async function measure(): Promise<void> {
  const postgres = await startPostgres();
  let gateway: ChildProcess | undefined;
  const opened: OpenDatabase[] = [];
  try {
    await migrate(postgres.url);
    gateway = fork(import.meta.filename, [postgres.url]);
    const [supabaseUrl] = (await once(gateway, 'message')) as [string];
    const direct = { databaseUrl: postgres.url, poolSize: atOnce };
    const ways: Record<Way, OpenDatabase> = {
      supabase: openDatabase({ supabaseUrl, secretKey }),
      direct: openDatabase({ supabaseUrl, secretKey, direct }),
    };
    opened.push(...Object.values(ways));
    const jobIds = await prepare(ways.direct);
    const places = { caller: [process.pid], gateway: [gateway.pid!], postgres: postgres.pid };
    const samples = new Map<string, Sample[]>();
    for (let turn = 0; turn <= turns; turn += 1) {
      for (const operation of ['create_job', 'get_job'] as const) {
        for (const [way, db] of Object.entries(ways)) {
          const sample = await run(db, operation, jobIds, places);
          // The first turn warms everything up.
          if (turn > 0)
            samples.set(`${operation} ${way}`, [...(samples.get(`${operation} ${way}`) ?? []), sample]);
        }
      }
    }
    const report = Object.fromEntries([...samples].map(([name, list]) => [name, medians(list)]));
    process.stdout.write(`${JSON.stringify({ atOnce, turns, turnMs, ...report }, null, 2)}\n`);
  } finally {
    await Promise.all(opened.map((db) => db.close()));
    gateway?.disconnect();
    await postgres.stop();
  }
}

interface Sample {
  perSecond: number;
  callerMs: number;
  gatewayMs: number;
  postgresMs: number;
  p50Ms: number;
}

interface Places {
  caller: number[];
  gateway: number[];
  /** The server; its sessions are its children. */
  postgres: number;
}

function userOf(at: number): string {
  return `user_${at % 200}`;
}

async function prepare(db: OpenDatabase): Promise<{ userId: string; jobId: string }[]> {
  const made: { userId: string; jobId: string }[] = [];
  for (let at = 0; at < 200; at += 1) {
    made.push({ userId: userOf(at), jobId: await createJob(db, userOf(at)) });
  }
  return made;
}

async function createJob(db: OpenDatabase, userId: string): Promise<string> {
  const { job } = await db.createJob({
    userId,
    email: null,
    input: {
      prompt: 'a fox with a cup of tea',
      custom_prompt_id: null,
      input_image_key: null,
      aspect_ratio: '1:1',
      image_size: null,
      model_requested: 'gemini-3-pro-image',
      fallback: true,
      metadata: null,
    },
    price: 1,
    idempotencyKey: randomUUID(),
    requestHash: 'f'.repeat(64),
    defaultCredits: 1_000_000,
    maxActiveJobs: 100_000,
    deadlineMs: 600_000,
  });
  return job.id;
}

async function run(
  db: OpenDatabase,
  operation: Operation,
  jobs: { userId: string; jobId: string }[],
  places: Places,
): Promise<Sample> {
  let at = Math.floor(Math.random() * jobs.length);
  const took: number[] = [];
  const before = cpu(places);
  const begun = performance.now();
  const loop = async () => {
    while (performance.now() - begun < turnMs) {
      at += 1;
      const start = performance.now();
      if (operation === 'create_job') await createJob(db, userOf(at));
      else await db.getJob(jobs[at % jobs.length]!);
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  const seconds = (performance.now() - begun) / 1_000;
  const after = cpu(places);
  const per = (place: keyof Places) => (after[place] - before[place]) / took.length;
  took.sort((a, b) => a - b);
  return {
    perSecond: took.length / seconds,
    callerMs: per('caller'),
    gatewayMs: per('gateway'),
    postgresMs: per('postgres'),
    p50Ms: took[Math.floor(took.length / 2)]!,
  };
}

/** Milliseconds of processor time so far. */
function cpu(places: Places): Record<keyof Places, number> {
  return {
    caller: total(places.caller),
    gateway: total(places.gateway),
    postgres: total(childrenOf(places.postgres)),
  };
}

function total(pids: number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.cpuMs ?? 0), 0);
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)?.parent === parent);
}

function statOf(pid: number): { parent: number; cpuMs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A tick is 10 ms.
    return { parent: Number(fields[1]), cpuMs: (Number(fields[11]) + Number(fields[12])) * 10 };
  } catch {
    return null;
  }
}

function medians(samples: Sample[]): Sample {
  const keys = Object.keys(samples[0]!) as (keyof Sample)[];
  return Object.fromEntries(
    keys.map((key) => {
      const values = samples.map((sample) => sample[key]).sort((a, b) => a - b);
      return [key, Number(values[Math.floor(values.length / 2)]!.toFixed(3))];
    }),
  ) as unknown as Sample;
}
