import { readFileSync } from 'node:fs';
import pg from 'pg';
import { createDatabase } from '../support/database.ts';
import type { Door } from './command.ts';
import { type Model, sortLedger } from './model.ts';

/** A connection and the time it stands at. */
interface Connection extends Door {
  /** Its backend. */
  pid: number;
  setClock(now: number): Promise<void>;
}

/**
 * A migrated database whose clock stands still where a test puts it, and `connections` ways in as the server's role.
 * @param options.patch SQL that is run first: a broken rule shows whether the tests notice.
 */
export async function openClockedDatabase(options: { connections: number; patch?: string }) {
  const database = await createDatabase();
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  // Triggers and foreign keys do not bind the observer: it empties the tables between two sequences.
  const observer = await connect();
  await observer.query(FIXED_CLOCK);
  if (options.patch) await observer.query(readFileSync(options.patch, 'utf8'));
  await observer.query(`set session_replication_role = 'replica'`);
  const holder = await connect();
  const doors = await Promise.all(
    Array.from({ length: options.connections }, async () => openDoor(await connect())),
  );
  const pids = doors.map(({ pid }) => pid);

  return {
    doors,

    /** Every row of the rules' tables, in the model's terms. */
    async read(now: number): Promise<Model> {
      const { rows } = await observer.query({ name: 'read', text: READ });
      const state = rows[0].state;
      for (const user of Object.values<any>(state.users)) user.ledger = sortLedger(user.ledger);
      return { now, ...state };
    },

    async audit(): Promise<unknown[]> {
      return (await observer.query({ name: 'audit', text: 'select * from credit_audit' })).rows;
    },

    /** As the operator, past triggers. */
    async run(sql: string, values: unknown[] = []): Promise<void> {
      await observer.query(sql, values);
    },

    /** Removes every row. */
    async empty(): Promise<void> {
      await observer.query(EMPTY);
    },

    /** Locks rows of this table until the returned function is called. */
    async hold(rows: Hold): Promise<() => Promise<void>> {
      await holder.query(`begin; ${HOLDS[rows]}`);
      return async () => {
        await holder.query('rollback');
      };
    },

    /** How many of the doors wait for a lock. */
    async countWaiting(): Promise<number> {
      const { rows } = await observer.query({
        name: 'waiting',
        text: `select count(*)::int as waiting from pg_stat_activity where pid = any($1) and wait_event_type = 'Lock'`,
        values: [pids],
      });
      return rows[0].waiting;
    },

    async close(): Promise<void> {
      await Promise.all(clients.map((client) => client.end()));
      await database.drop();
    },
  };
}

export type ClockedDatabase = Awaited<ReturnType<typeof openClockedDatabase>>;

/** Tables of which every row can be locked, as a slow transaction would. */
export type Hold = keyof typeof HOLDS;

const HOLDS = {
  jobs: 'select from image_generation_jobs order by id for no key update',
  runs: 'select from job_runs order by job_id for no key update',
  users: 'select from users order by id for no key update',
  workers: 'select from workers order by id for no key update',
};

async function openDoor(client: pg.Client): Promise<Connection> {
  // A ring of locks is an error after this time: soon, for the tests do not allow one.
  await client.query(`set deadlock_timeout = '200ms'; set role service_role`);
  const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
  let clock = 0;
  return {
    pid,
    async setClock(now) {
      if (now === clock) return;
      await client.query({
        name: 'clock',
        text: `select set_config('darkroom.clock', $1, false)`,
        values: [new Date(now).toISOString()],
      });
      clock = now;
    },
    call: (sql, values) =>
      answerOf(async () => {
        const { rows } = await client.query({ name: nameOf(sql), text: sql, values: [...values] });
        return Object.values(rows[0])[0];
      }),
    asUser: (userId, sql) =>
      answerOf(async () => {
        // Several statements sent as one are one transaction, which the settings end with.
        const results: any = await client.query(
          `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "${userId}"}', true); ${sql}`,
        );
        return results.at(-1).rows;
      }),
  };
}

/** Prepared once a connection. Postgres keeps 63 characters of a name: here they tell the statements apart. */
const nameOf = (sql: string) => sql.slice(0, 63);

async function answerOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const { code, detail } = error as pg.DatabaseError;
    if (!code || !/^DR\d{3}$|^42501$|^23503$/.test(code)) throw error;
    return { refused: code, ...(code.startsWith('DR') && detail ? JSON.parse(detail) : {}) };
  }
}

const FIXED_CLOCK = `
  create or replace function darkroom.now() returns timestamptz language sql stable set search_path = '' as
    $$ select current_setting('darkroom.clock')::timestamptz $$;
  create function public.ms(timestamptz) returns bigint language sql immutable as
    $$ select (extract(epoch from $1) * 1000)::bigint $$;`;

const EMPTY = [
  'public.generated_images',
  'public.idempotency_keys',
  'public.job_runs',
  'public.image_generation_jobs',
  'public.credit_ledger',
  'public.users',
  'public.workers',
  'darkroom.queue_epoch',
]
  .map((table) => `delete from ${table};`)
  .join(' ');

const READ = `
  select json_build_object(
    'users', (select coalesce(json_object_agg(u.id, json_build_object('credits', u.credits, 'ledger', (
      select coalesce(json_agg(json_build_object('kind', kind, 'amount', amount, 'balance_after', balance_after,
        'job_id', job_id, 'reference', regexp_replace(reference, '^direct:.*', 'direct'))), '[]')
      from credit_ledger l where l.user_id = u.id))), '{}') from users u),
    'jobs', (select coalesce(json_object_agg(j.id, json_build_object('user_id', j.user_id, 'status', j.status,
      'stage', stage, 'progress', progress, 'attempt', j.attempt, 'version', version, 'error_code', error_code,
      'model', model, 'receipt', receipt, 'started_at', ms(started_at), 'updated_at', ms(updated_at),
      'completed_at', ms(completed_at), 'deadline_at', ms(deadline_at),
      'images', (select coalesce(json_agg(i.model), '[]') from generated_images i where i.job_id = j.id),
      'run', (select json_build_object('active', active, 'price', price, 'attempt', r.attempt, 'worker_id', worker_id,
        'claimed_at', ms(claimed_at), 'run_at', ms(run_at), 'delivery', delivery, 'priority', priority,
        'delivered_at', ms(delivered_at), 'offered_at', ms(offered_at), 'losses', losses,
        'counted_retries', counted_retries, 'past_failures', past_failures, 'model_calls', model_calls,
        'attempts_log', attempts_log, 'cause', cause, 'created_at', ms(j.created_at))
        from job_runs r where r.job_id = j.id))), '{}') from image_generation_jobs j),
    'workers', (select coalesce(json_object_agg(id, json_build_object('lease_expires_at', ms(lease_expires_at),
      'unbroken_since', ms(unbroken_since), 'ended_at', ms(ended_at))), '{}') from workers),
    'keys', (select coalesce(json_object_agg(user_id || ' ' || key, json_build_object('request_hash', request_hash,
      'job_id', job_id, 'created_at', ms(created_at))), '{}') from idempotency_keys),
    'epoch', (select epoch from darkroom.queue_epoch)
  ) as state`;
