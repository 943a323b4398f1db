import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to everything that passes. */
export type Weather =
  | { kind: 'clear' }
  /** Every piece arrives so much later, in order. */
  | { kind: 'slow'; ms: number }
  /** Nobody gets a connection. */
  | { kind: 'refuse' }
  /** Connections stay open and nothing passes. Whoever has one now never hears of it again, also afterwards. */
  | { kind: 'silent' }
  /** What is sent arrives and is done; the answer is lost with its connection. */
  | { kind: 'lose_answers' };

/** Stands between a client and a server, and can be told to fail. */
export interface FaultyProxy {
  /** The server's URL with this proxy's address. */
  readonly url: string;
  set(weather: Weather): void;
  /** Ends every connection at once, as a reset. */
  cut(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Opens a {@link FaultyProxy} on a free port of 127.0.0.1, to the server that `target` names. */
export async function openProxy(target: string): Promise<FaultyProxy> {
  const url = new URL(target);
  const server = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let weather: Weather = { kind: 'clear' };
  let stopped: Promise<void> | undefined;

  const listener = createServer((client) => {
    keep(client);
    if (weather.kind === 'refuse') return void client.resetAndDestroy();
    join(client, keep(connect(server)));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }

  function join(client: Socket, upstream: Socket): void {
    let dead = false;
    const isDead = () => {
      dead ||= weather.kind === 'silent';
      return dead;
    };
    carry(client, upstream, { isDead, delayMs });
    carry(upstream, client, {
      isDead,
      delayMs,
      before: () => {
        if (weather.kind !== 'lose_answers') return;
        client.resetAndDestroy();
        upstream.destroy();
      },
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => isDead() || client.destroy());
  }

  const delayMs = () => (weather.kind === 'slow' ? weather.ms : 0);

  return {
    url: url.href.replace(/\/$/, target.endsWith('/') ? '/' : ''),
    set(changed) {
      weather = changed;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop() {
      stopped ??= new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      });
      return stopped;
    },
  };
}

interface Passage {
  isDead(): boolean;
  delayMs(): number;
  before?(): void;
}

/** Passes bytes on, one piece after the other, and holds the sender back when the receiver is slow. */
function carry(from: Socket, to: Socket, { isDead, delayMs, before }: Passage): void {
  let last = Promise.resolve();
  const inTurn = (work: () => void) => {
    const wait = delayMs();
    last = last.then(async () => {
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      if (!isDead() && !to.destroyed) work();
    });
  };
  from.on('data', (bytes) => {
    before?.();
    inTurn(() => {
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
  });
  from.on('end', () => inTurn(() => to.end()));
}
