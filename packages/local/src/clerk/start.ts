import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK } from 'jose';
import { backendUser } from './backend-user.ts';
import { ISSUER, PUBLISHABLE_KEY, secretKeyOf, webhookSecretOf } from './instance.ts';
import type { ClerkKeys } from './keys.ts';
import { createUsers, type Users } from './users.ts';
import { createWebhookSender, type WebhookSender } from './webhooks.ts';

export interface LocalClerk {
  /** The address of the Backend API, for `CLERK_API_URL`. */
  url: string;
  /** The public address of the JWKS. */
  jwksUrl: string;
  issuer: string;
  publishableKey: string;
  secretKey: string;
  jwtKey: string;
  users: Users;
  webhooks: WebhookSender;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Serves the few calls of Clerk that a backend uses: the public keys and a user by id. */
export async function startClerk(options: { keys: ClerkKeys; port?: number }): Promise<LocalClerk> {
  const { keys, port = 0 } = options;
  const secretKey = secretKeyOf(keys);
  const users = createUsers();
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: keys.kid, alg: 'RS256', use: 'sig' }] };

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://clerk').pathname;
    if (request.method !== 'GET')
      return refuse(response, 405, 'method_not_allowed', 'Only GET is served here.');
    if (path === '/.well-known/jwks.json') return answer(response, 200, jwks);
    if (!path.startsWith('/v1/')) return refuse(response, 404, 'resource_not_found', 'No such path.');
    if (!carries(request, secretKey)) {
      return refuse(response, 401, 'authentication_invalid', 'The secret key is missing or wrong.');
    }
    if (path === '/v1/jwks') return answer(response, 200, jwks);
    const id = /^\/v1\/users\/(\w[\w-]*)$/.exec(path)?.[1] ?? '';
    const email = users.find(id);
    if (email === null) return refuse(response, 404, 'resource_not_found', 'No user was found with this id.');
    answer(response, 200, backendUser(id, email));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    jwksUrl: `${url}/.well-known/jwks.json`,
    issuer: ISSUER,
    publishableKey: PUBLISHABLE_KEY,
    secretKey,
    jwtKey: keys.jwtKey,
    users,
    webhooks: createWebhookSender(webhookSecretOf(keys)),
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function carries(request: IncomingMessage, secretKey: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secretKey}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  answer(response, status, {
    errors: [{ code, message, long_message: message, meta: {} }],
    clerk_trace_id: 'local',
  });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
  response.end(JSON.stringify(body));
}
