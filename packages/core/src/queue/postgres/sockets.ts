import { Socket } from 'node:net';

/** Creates sockets and can destroy all that are still open. */
export interface Sockets {
  open(): Socket;
  destroy(): void;
}

/** `pg` cannot cut a connection that hangs, but it accepts a socket from us. */
export function createSockets(): Sockets {
  const open = new Set<Socket>();
  return {
    open() {
      const socket = new Socket();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}
