/**
 * npm run measure:database: compares the cost of a database call over the Data API and over direct connections, in turns on
 * the same server. Prints one JSON object. The local gateway replaces PostgREST: its share is reported separately and does
 * not apply to PostgREST.
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

type Transport = 'supabase' | 'direct';
type Operation = 'create_job' | 'get_job';

if (process.send) await serveGateway(process.argv[2]!);
else await measure();

/** A separate process, so that its CPU time is not counted for the caller. */
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
    const transports: Record<Transport, OpenDatabase> = {
      supabase: openDatabase({ supabaseUrl, secretKey }),
      direct: openDatabase({ supabaseUrl, secretKey, direct }),
    };
    opened.push(...Object.values(transports));
    const jobIds = await prepare(transports.direct);
    const processes = { caller: [process.pid], gateway: [gateway.pid!], postgres: postgres.pid };
    const samples = new Map<string, Sample[]>();
    for (let turn = 0; turn <= turns; turn += 1) {
      for (const operation of ['create_job', 'get_job'] as const) {
        for (const [transport, db] of Object.entries(transports)) {
          const sample = await run(db, operation, jobIds, processes);
          // The first turn is the warm-up.
          if (turn > 0)
            samples.set(`${operation} ${transport}`, [
              ...(samples.get(`${operation} ${transport}`) ?? []),
              sample,
            ]);
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

interface Processes {
  caller: number[];
  gateway: number[];
  /** The server process; the sessions are its children. */
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
  processes: Processes,
): Promise<Sample> {
  let at = Math.floor(Math.random() * jobs.length);
  const took: number[] = [];
  const before = cpu(processes);
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
  const after = cpu(processes);
  const per = (name: keyof Processes) => (after[name] - before[name]) / took.length;
  took.sort((a, b) => a - b);
  return {
    perSecond: took.length / seconds,
    callerMs: per('caller'),
    gatewayMs: per('gateway'),
    postgresMs: per('postgres'),
    p50Ms: took[Math.floor(took.length / 2)]!,
  };
}

/** CPU time so far, in milliseconds. */
function cpu(processes: Processes): Record<keyof Processes, number> {
  return {
    caller: total(processes.caller),
    gateway: total(processes.gateway),
    postgres: total(childrenOf(processes.postgres)),
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
