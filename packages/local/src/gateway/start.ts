import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet } from 'jose';
import { createRealtime } from '../realtime/start.ts';
import { createAuthenticate } from './authenticate.ts';
import { createCatalog } from './catalog.ts';
import { createPool } from './pool.ts';
import { createServe } from './serve.ts';
import { createRunner } from './transaction.ts';

export interface GatewayOptions {
  /** Postgres, as a role that may `set role` to anon, authenticated and service_role. */
  databaseUrl: string;
  /** `sb_publishable_…`: the role anon. */
  publishableKey: string;
  /** `sb_secret_…`: the role service_role. */
  secretKey: string;
  /** The JWKS with the keys of the session tokens. */
  jwksUrl: string;
  /** When given, tokens of any other issuer are refused. */
  issuer?: string | undefined;
  /** 0 or left out: a free one. */
  port?: number | undefined;
  /** Called with messages for an operator. */
  say?: ((line: string) => void) | undefined;
}

export interface Gateway {
  /** The project URL for `createClient`. */
  url: string;
  /** Ends running requests within a few seconds, then every connection. Idempotent. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 3_000;
const POOL_GRACE_MS = 250;
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves `/rest/v1` and `/realtime/v1` on 127.0.0.1 for an unmodified supabase-js, as Supabase does, over any Postgres.
 * Does not wait for Postgres: until it answers, requests get 503.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const pool = createPool(options.databaseUrl);
  const { publishableKey, secretKey, issuer } = options;
  const signingKey = createRemoteJWKSet(new URL(options.jwksUrl));
  const authenticate = createAuthenticate({ publishableKey, secretKey, signingKey, issuer });
  const serve = createServe({
    authenticate,
    catalog: createCatalog(pool),
    run: createRunner(pool),
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, serve);
  const realtime = createRealtime({ databaseUrl: options.databaseUrl, authenticate, say: options.say });
  server.on('upgrade', realtime.upgrade);
  const atWork = new Set<ServerResponse>();
  server.on('request', (_, response) => {
    atWork.add(response);
    response.on('close', () => atWork.delete(response));
  });
  await listen(server, options.port ?? 0);

  let stopped: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      stopped ??= Promise.all([close(server, atWork), realtime.stop()]).then(() =>
        pool.close({ graceMs: POOL_GRACE_MS }),
      );
      return stopped;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Lets running requests finish, then closes connections that clients would keep open. */
function close(server: Server, atWork: Set<ServerResponse>): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
    for (const response of atWork) response.shouldKeepAlive = false;
  });
}
