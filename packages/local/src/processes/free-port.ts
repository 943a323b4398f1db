import { createServer } from 'node:net';

/**
 * Finds a free port of 127.0.0.1. Another process may take it before it is used: a caller that gets "address in use"
 * tries again with another port.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
