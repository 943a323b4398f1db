import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClerkClient, verifyToken } from '@clerk/backend';
import { verifyWebhook } from '@clerk/backend/webhooks';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClerkKeys, loadKeys } from './keys.ts';
import { mintToken } from './mint.ts';
import { type LocalClerk, startClerk } from './start.ts';
import { userId } from './user-id.ts';

const run = promisify(execFile);
const ALICE = userId('alice');
let directory: string;
let keys: ClerkKeys;
let clerk: LocalClerk;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clerk-'));
  keys = await loadKeys(join(directory, 'keys'));
  clerk = await startClerk({ keys });
});

afterAll(async () => {
  await clerk.stop();
  await clerk.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('keys', () => {
  it('processes that start at the same moment get one pair, readable only by its owner', async () => {
    const shared = join(directory, 'shared');
    const pairs = await Promise.all(Array.from({ length: 6 }, () => loadKeys(shared)));
    expect(new Set(pairs.map((pair) => pair.jwtKey)).size).toBe(1);
    const files = await readdir(shared);
    expect(files).toHaveLength(1);
    expect((await stat(join(shared, files[0]!))).mode & 0o777).toBe(0o600);
  });

  it('another pair has another key id', async () => {
    const other = await loadKeys(join(directory, 'other'));
    expect(other.kid).not.toBe(keys.kid);
  });
});

describe('tokens', () => {
  it('pass the verifier of Clerk with the JWT key alone', async () => {
    const token = await mintToken(keys, { userId: ALICE, issuer: clerk.issuer });
    const claims = await verifyToken(token, { jwtKey: clerk.jwtKey, issuer: clerk.issuer });
    expect(claims).toMatchObject({ sub: ALICE, role: 'authenticated', sts: 'active', v: 2 });
    expect(claims).not.toHaveProperty('email');
    expect(claims).not.toHaveProperty('azp');
  });

  it('pass the verifier of Clerk with keys fetched from the Backend API', async () => {
    const token = await mintToken(keys, { userId: ALICE, issuer: clerk.issuer, azp: 'https://app.example' });
    const claims = await verifyToken(token, {
      secretKey: clerk.secretKey,
      apiUrl: clerk.url,
      authorizedParties: ['https://app.example'],
    });
    expect(claims.sub).toBe(ALICE);
  });

  it('pass any verifier that reads the public JWKS', async () => {
    const token = await mintToken(keys, { userId: ALICE, issuer: clerk.issuer, email: 'a@example.com' });
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(clerk.jwksUrl)), {
      issuer: clerk.issuer,
    });
    expect(payload).toMatchObject({ sub: ALICE, email: 'a@example.com' });
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: keys.kid, typ: 'JWT' });
  });

  it('are refused once expired, by another key, or changed', async () => {
    const expired = await mintToken(keys, { userId: ALICE, issuer: clerk.issuer, expiresInSeconds: -60 });
    await expect(verifyToken(expired, { jwtKey: clerk.jwtKey })).rejects.toMatchObject({
      reason: 'token-expired',
    });
    const foreign = await mintToken(await loadKeys(join(directory, 'other')), {
      userId: ALICE,
      issuer: clerk.issuer,
    });
    await expect(verifyToken(foreign, { jwtKey: clerk.jwtKey })).rejects.toMatchObject({
      reason: 'token-invalid-signature',
    });
  });
});

describe('the Backend API', () => {
  it('knows the email address of every name', async () => {
    const user = await backend().users.getUser(ALICE);
    expect(user.primaryEmailAddress?.emailAddress).toBe('alice@example.com');
  });

  it('knows changed and removed users', async () => {
    clerk.users.set('user_custom', 'custom@example.com');
    clerk.users.remove(userId('bob'));
    expect((await backend().users.getUser('user_custom')).primaryEmailAddress?.emailAddress).toBe(
      'custom@example.com',
    );
    await expect(backend().users.getUser(userId('bob'))).rejects.toMatchObject({ status: 404 });
  });

  it('answers unknown users and wrong secrets as Clerk does', async () => {
    await expect(backend().users.getUser('user_stranger')).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found' }],
    });
    await expect(backend('sk_test_wrong').users.getUser(ALICE)).rejects.toMatchObject({ status: 401 });
    expect((await fetch(`${clerk.url}/v1/jwks`)).status).toBe(401);
  });

  function backend(secretKey = clerk.secretKey) {
    return createClerkClient({
      secretKey,
      publishableKey: clerk.publishableKey,
      apiUrl: clerk.url,
      telemetry: { disabled: true },
    });
  }
});

describe('webhooks', () => {
  const received = (signed: { headers: Record<string, string>; body: string }) =>
    new Request('https://api.test/webhooks/clerk', { method: 'POST', ...signed });

  it('pass the verifier of Clerk', async () => {
    const { webhooks } = clerk;
    const event = webhooks.userEvent('user.updated', { id: ALICE, email: 'new@example.com' });
    const verified = await verifyWebhook(received(webhooks.sign(event)), { signingSecret: webhooks.secret });
    expect(verified).toMatchObject({
      type: 'user.updated',
      data: { id: ALICE, email_addresses: [{ email_address: 'new@example.com' }] },
    });
  });

  it('are refused when they are old or changed', async () => {
    const { webhooks } = clerk;
    const event = webhooks.userEvent('user.deleted', { id: ALICE });
    const old = webhooks.sign(event, { at: new Date(Date.now() - 600_000) });
    const changed = { ...webhooks.sign(event), body: '{}' };
    for (const signed of [old, changed]) {
      await expect(verifyWebhook(received(signed), { signingSecret: webhooks.secret })).rejects.toThrow();
    }
  });
});

describe('npm run token', () => {
  const program = join(import.meta.dirname, '../commands/token.ts');

  it('prints a token and nothing else', async () => {
    const { stdout, stderr } = await run(process.execPath, [program, 'alice', '--expires', '60s'], {
      cwd: tmpdir(),
    });
    const kept = await loadKeys(join(import.meta.dirname, '../../../../.local/clerk'));
    const claims = await verifyToken(stdout.trimEnd(), { jwtKey: kept.jwtKey, issuer: clerk.issuer });
    expect(claims.sub).toBe(ALICE);
    expect(claims.exp - claims.iat).toBe(60);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
  });

  it.each([[[]], [['alice', 'bob']], [['alice', '--expires', 'soon']], [['alice', '--unknown']]])(
    'prints its usage and fails for %j',
    async (args) => {
      const failure = await run(process.execPath, [program, ...args]).catch((error) => error);
      expect(failure).toMatchObject({ code: 2, stdout: '' });
      expect(failure.stderr).toContain('Usage: npm run token -- <name>');
    },
  );
});
