import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

export interface ForwardedPorts {
  /** The variables with the addresses that other containers use. */
  variables: Record<string, string>;
  /** Closes the ports and every connection. Idempotent. */
  close(): Promise<void>;
}

/**
 * For each variable of `ports` whose URL is on 127.0.0.1, opens that port on every address of this machine and forwards
 * connections unchanged. In the result, the variable names `hostname` and the opened port.
 * @throws when a port is taken.
 */
export async function forwardPorts(
  variables: Readonly<Record<string, string>>,
  { hostname, ports }: { hostname: string; ports: Readonly<Record<string, number>> },
): Promise<ForwardedPorts> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const changed: Record<string, string> = {};
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(
      servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  };

  try {
    for (const [name, port] of Object.entries(ports)) {
      const url = URL.parse(variables[name] ?? '');
      if (url?.hostname !== '127.0.0.1') continue;
      const server = createServer((socket) => pass(socket, Number(url.port), sockets));
      servers.push(server.listen(port));
      await once(server, 'listening');
      const { port: bound } = server.address() as { port: number };
      changed[name] = withAddress(variables[name] as string, url.host, `${hostname}:${bound}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { variables: { ...variables, ...changed }, close };
}

function pass(from: Socket, port: number, sockets: Set<Socket>): void {
  const to = connect(port, '127.0.0.1');
  for (const socket of [from, to]) {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }
  // A pipeline destroys both ends when one fails; there is nothing to report.
  pipeline(from, to, () => {});
  pipeline(to, from, () => {});
}

/** Replaces the host alone; `URL` would add a slash at the end. */
function withAddress(text: string, host: string, other: string): string {
  return text.replace(host, other);
}
