import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticate } from '../gateway/authenticate.ts';
import { GatewayError } from '../gateway/errors.ts';
import { serveConnection } from './connection.ts';
import { openDatabase } from './database.ts';
import { deliver } from './deliver.ts';
import { createDeliveryQueue } from './delivery-queue.ts';
import { createHub } from './hub.ts';
import { createSignIn, type Visitor } from './sign-in.ts';
import { createStream } from './stream.ts';
import { createDescribe } from './table.ts';

export interface RealtimeOptions {
  /** Postgres, as a role that may replicate and `set role` to anon, authenticated and service_role. */
  databaseUrl: string;
  authenticate: Authenticate;
  /** Called with messages for an operator. */
  say?: ((line: string) => void) | undefined;
  now?: () => number;
}

export interface Realtime {
  /** Handles an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every connection; resolves when the replication slot is gone. Idempotent. */
  stop(): Promise<void>;
}

const PATH = '/realtime/v1/websocket';
const LARGEST_FRAME = 4 * 1024 * 1024;

/** Supabase keeps messages for three days, in partitions. This removes rows of the plain table of other databases only. */
const FORGET_OLD_MESSAGES = `delete from only realtime.messages where inserted_at < now() - interval '3 days'`;

/**
 * Serves Supabase's Realtime to an unmodified supabase-js: changes of the published tables from the WAL, sent only to
 * clients that may see them, and messages on topics. Connects to the database when the first channel is joined.
 */
export function createRealtime({
  databaseUrl,
  authenticate,
  say = () => {},
  now = Date.now,
}: RealtimeOptions): Realtime {
  const database = openDatabase(databaseUrl);
  const hub = createHub();
  const describe = createDescribe(database);
  const queue = createDeliveryQueue(
    (batch) => deliver(batch, { hub, database, describe }),
    (error) => {
      // Undelivered changes are lost; a restart of the stream makes the clients read again.
      say(`Realtime could not deliver changes: ${error}`);
      queue.clear();
      stream.restart();
    },
  );
  let wasLive = false;
  const stream = createStream({
    databaseUrl,
    database,
    say,
    onTransaction: (changes) => queue.add(changes),
    onLive: () => {
      void database.query(FORGET_OLD_MESSAGES).catch(() => {});
      if (wasLive) for (const listener of hub.listeners()) listener.resume();
      wasLive = true;
    },
  });
  const deps = { signIn: createSignIn(authenticate, now), hub, stream, database, now, say };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME });
  let stopped: Promise<void> | undefined;

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== PATH) return refuse(socket, 404, 'There is nothing to connect to at this path.');
    const version = url.searchParams.get('vsn') ?? '1.0.0';
    if (version !== '1.0.0' && version !== '2.0.0') {
      return refuse(socket, 400, 'The protocol versions are 1.0.0 and 2.0.0.');
    }
    const visitor = await visit(url.searchParams.get('apikey') ?? '', request.headers['user-agent']);
    if (stopped) return refuse(socket, 503, 'Realtime is stopping.');
    sockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) =>
      serveConnection(webSocket, version, visitor, deps),
    );
  }

  async function visit(apiKey: string, userAgent: string | undefined): Promise<Visitor> {
    return {
      apiKey,
      userAgent,
      identity: await authenticate({ apiKey, userAgent, authorization: undefined }),
    };
  }

  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      accept(request, socket, head).catch((error) =>
        error instanceof GatewayError
          ? refuse(socket, error.status, error.message)
          : refuse(socket, 500, String(error)),
      );
    },
    stop: () => {
      stopped ??= (async () => {
        for (const socket of sockets.clients) socket.terminate();
        await stream.stop();
        await database.close();
      })();
      return stopped;
    },
  };
}

function refuse(socket: Duplex, status: number, error: string): void {
  const body = JSON.stringify({ error });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
