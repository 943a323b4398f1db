import { Socket } from 'node:net';
import pg from 'pg';

/** The result of connecting to Postgres directly. */
export type PostgresProbe =
  | { kind: 'open'; version: string; applied: string[] | null }
  | { kind: 'unreachable'; cause: string }
  | { kind: 'refused'; cause: string };

/** Connects once and reads which migrations are applied; null when their table is missing. Never throws. */
export async function probePostgres({
  databaseUrl,
  timeoutMs,
}: {
  databaseUrl: string;
  timeoutMs: number;
}): Promise<PostgresProbe> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'darkroom doctor',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    stream: () => socket,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; known: boolean }>(
      `select current_setting('server_version') as version, to_regclass('darkroom.migrations') is not null as known`,
    );
    const { version = '', known = false } = rows[0] ?? {};
    if (!known) return { kind: 'open', version, applied: null };
    const applied = await client.query<{ name: string }>('select name from darkroom.migrations order by id');
    return { kind: 'open', version, applied: applied.rows.map(({ name }) => name) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // A SQLSTATE comes from a server that answered; any other code means that none was reached.
    const answered = /^[0-9A-Z]{5}$/.test(code ?? '') && !/^E[A-Z]+$/.test(code ?? '');
    return { kind: answered ? 'refused' : 'unreachable', cause: [code, message].filter(Boolean).join(' ') };
  } finally {
    socket.destroy();
  }
}
