import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server that cannot be used. */
export interface DeadServer {
  url: string;
  /** Resolves once somebody tried to connect, where that can be known. */
  reached: Promise<unknown>;
  close(): Promise<void>;
}

/** Opens a port that never answers, or closes it at once so that it refuses. */
export async function openDeadServer(like: string, answer: 'silence' | null): Promise<DeadServer> {
  const sockets = new Set<Socket>();
  const { promise: reached, resolve: tried } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    keep(sockets, socket);
    tried();
  });
  const url = await listen(server, like);
  const close = () => closeServer(server, sockets);
  if (answer === 'silence') return { url, reached, close };
  await close();
  return { url, reached: Promise.resolve(), close: async () => undefined };
}

/** Stands between a client and the real server, and fails on demand. */
export interface FaultyProxy {
  url: string;
  /** Cuts all connections and refuses new ones. */
  stop(): void;
  /** Lets connections through again. */
  go(): void;
  /** Keeps connections open and passes nothing on. */
  freeze(): void;
  close(): Promise<void>;
}

/** Opens a {@link FaultyProxy} to the server of `target`; its URL is `target` with another address. */
export async function openProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port, protocol } = new URL(target);
  const sockets = new Set<Socket>();
  let state: 'through' | 'stopped' | 'frozen' = 'through';
  const server = createServer((near) => {
    keep(sockets, near);
    if (state === 'stopped') return near.destroy();
    const far = connect(Number(port) || (protocol === 'postgres:' ? 5432 : 6379), hostname);
    keep(sockets, far);
    near.on('data', (bytes) => state === 'through' && far.write(bytes));
    far.on('data', (bytes) => state === 'through' && near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  const url = await listen(server, target);
  return {
    url,
    stop() {
      state = 'stopped';
      for (const socket of sockets) socket.destroy();
    },
    go() {
      state = 'through';
    },
    freeze() {
      state = 'frozen';
    },
    close: () => closeServer(server, sockets),
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
}

async function listen(server: Server, like: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(like);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');
  return url.href;
}

async function closeServer(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
