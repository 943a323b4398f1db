import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that was free a moment ago. Another process may take it before it is used, so whoever
 * starts a server on it tries again with another one when the address is in use.
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
