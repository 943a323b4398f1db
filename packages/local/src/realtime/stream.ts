import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogicalReplicationService, type Pgoutput } from 'pg-logical-replication';
import type { Change } from './change.ts';
import type { RealtimeDatabase } from './database.ts';
import { TemporaryPgoutput } from './pgoutput.ts';

export const TABLES = 'supabase_realtime';
const MESSAGES = 'supabase_realtime_messages_publication';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
const SLOT_GONE_WITHIN_MS = 3_000;

export interface StreamOptions {
  databaseUrl: string;
  database: RealtimeDatabase;
  /** Called with the changes of one transaction; a returned promise delays the next call. */
  onTransaction: (changes: Change[]) => Promise<void> | undefined;
  /** Called when the stream is live: at the start, and again after each loss. */
  onLive: () => void;
  say: (line: string) => void;
}

/** The stream of commits to the published tables, from the WAL. */
export interface Stream {
  /**
   * Resolves when the stream is live: every later commit is reported. The first call starts the stream.
   * @throws when the current attempt fails; further attempts follow.
   */
  live(): Promise<void>;
  /** Drops unreported changes and restarts the stream. */
  restart(): void;
  /** Resolves when its replication slot is gone. Idempotent. */
  stop(): Promise<void>;
}

/** Connects at the first call of `live`. Survives restarts of Postgres; commits in the meantime are lost. */
export function createStream(options: StreamOptions): Stream {
  const stopping = new AbortController();
  let attempt = newAttempt();
  let running: Promise<void> | undefined;
  let service: LogicalReplicationService | undefined;

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!stopping.signal.aborted) {
      const wasLive = await follow();
      if (stopping.signal.aborted) return;
      if (wasLive) retryMs = FIRST_RETRY_MS;
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      if (!wasLive) attempt = newAttempt();
    }
  }

  /** Streams over one connection with its own slot until it is lost. @returns whether it was ever live. */
  async function follow(): Promise<boolean> {
    const slot = `realtime_${randomBytes(8).toString('hex')}`;
    let live = false;
    let failure: unknown;
    const current = new LogicalReplicationService(
      {
        connectionString: options.databaseUrl,
        application_name: 'realtime',
        options: '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1',
      },
      { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
    );
    current.on('error', (error) => {
      failure ??= error;
    });
    current.on('start', () => {
      live = true;
      attempt.resolve();
      options.onLive();
    });
    current.on('heartbeat', (lsn, _, shouldRespond) => {
      if (shouldRespond) void current.acknowledge(before(lsn));
    });
    const take = collect(options.onTransaction);
    current.on('data', (_, message: Pgoutput.Message) => take(message));
    try {
      const publicationNames = await publications(options.database);
      if (stopping.signal.aborted) return false;
      service = current;
      await current.subscribe(new TemporaryPgoutput({ protoVersion: 1, publicationNames }), slot);
    } catch (error) {
      failure ??= error;
    } finally {
      service = undefined;
      await current.stop().catch(() => {});
    }
    if (live) attempt = newAttempt();
    if (stopping.signal.aborted) await gone(options.database, slot);
    else if (!live) attempt.reject(unreadable(failure));
    else options.say(`Realtime lost its stream of changes and restarts it: ${messageOf(failure)}`);
    return live;
  }

  let stopped: Promise<void> | undefined;
  return {
    live: () => {
      if (stopping.signal.aborted) return Promise.reject(new Error('Realtime is stopping'));
      running ??= run();
      return attempt.promise;
    },
    restart: () => void service?.stop().catch(() => {}),
    stop: () => {
      stopped ??= (async () => {
        stopping.abort();
        attempt.reject(new Error('Realtime is stopping'));
        await service?.stop().catch(() => {});
        await running;
      })();
      return stopped;
    },
  };
}

function newAttempt() {
  const attempt = Promise.withResolvers<void>();
  attempt.promise.catch(() => {});
  return attempt;
}

async function publications(database: RealtimeDatabase): Promise<string[]> {
  const found = await database.query<{ pubname: string }>(
    'select pubname from pg_publication where pubname = any ($1)',
    [[TABLES, MESSAGES]],
  );
  if (!found.some(({ pubname }) => pubname === TABLES)) {
    throw new Error(`there is no publication ${TABLES}: run the migrations`);
  }
  return found.map(({ pubname }) => pubname);
}

function collect(onTransaction: StreamOptions['onTransaction']) {
  let changes: Change[] = [];
  let committedAt = 0;
  let xid = 0;
  return (message: Pgoutput.Message): Promise<void> | undefined => {
    switch (message.tag) {
      case 'begin':
        changes = [];
        xid = message.xid;
        committedAt = Number(message.commitTime.valueOf() / 1_000n);
        return;
      case 'insert':
      case 'update':
      case 'delete': {
        // The server sends it again before the first row after any change of the table.
        const { relation: definition } = message;
        const { schema, name: table } = definition;
        changes.push({
          xid,
          type: ({ insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const)[message.tag],
          schema,
          table,
          definition,
          new: message.tag === 'delete' ? null : message.new,
          old: message.tag === 'insert' ? null : (message.old ?? message.key),
          committedAt,
        });
        return;
      }
      case 'commit':
        return onTransaction(changes);
    }
  };
}

/**
 * One byte earlier, because `acknowledge` adds one: a server that shuts down waits for the acknowledgement of exactly
 * what it has sent.
 */
function before(lsn: string): string {
  const [upper, lower] = lsn.split('/').map((half) => BigInt(`0x${half}`)) as [bigint, bigint];
  const position = (upper << 32n) + lower - 1n;
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** The slot of a closed connection goes a moment later; until then the database cannot be dropped. */
async function gone(database: RealtimeDatabase, slot: string): Promise<void> {
  const deadline = performance.now() + SLOT_GONE_WITHIN_MS;
  while (performance.now() < deadline) {
    const left = await database
      .query('select from pg_replication_slots where slot_name = $1', [slot])
      .catch(() => []);
    if (left.length === 0) return;
    await sleep(20);
  }
}

function unreadable(error: unknown): Error {
  return new Error(
    `The changes of this database cannot be read (wal_level must be logical, and the role allowed to replicate): ${messageOf(error)}`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error
    ? error.message || String((error as NodeJS.ErrnoException).code)
    : String(error);
}
