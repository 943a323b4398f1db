import { Socket } from 'node:net';

/** Hands out sockets and can destroy all that are still open. */
export interface Sockets {
  open(): Socket;
  destroy(): void;
}

/** `pg` gives no way to cut a connection that hangs; it lets us bring the socket, though. */
export function createSockets(): Sockets {
  const alive = new Set<Socket>();
  return {
    open() {
      const socket = new Socket();
      alive.add(socket);
      socket.once('close', () => alive.delete(socket));
      return socket;
    },
    destroy() {
      for (const socket of alive) socket.destroy();
    },
  };
}
