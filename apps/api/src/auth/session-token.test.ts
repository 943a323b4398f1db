import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { KeysUnavailable, verifyByFetchedKeys, verifyByKey } from './session-token.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const verify = verifyByKey(pem);

interface Changes {
  claims?: JWTPayload;
  header?: Partial<JWTHeaderParameters>;
  key?: KeyObject | Uint8Array;
}

function sign({ claims, header, key = privateKey }: Changes = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ sub: 'user_ada', iat: now, nbf: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'ins_1', typ: 'JWT', ...header })
    .sign(key);
}

const seconds = () => Math.floor(Date.now() / 1_000);

describe('a session token', () => {
  test('that the instance signed is believed', async () => {
    expect(await verify(await sign({ claims: { azp: 'https://app.test' } }))).toMatchObject({
      sub: 'user_ada',
      azp: 'https://app.test',
    });
  });

  test('is believed whichever way the lines of the key are broken', async () => {
    for (const text of [pem.replaceAll('\n', '\r\n'), pem.replaceAll('\n', ' '), pem.replaceAll('\n', '')]) {
      expect(await verifyByKey(text)(await sign())).not.toBeNull();
    }
  });

  test('is judged by an RSA key and no other', () => {
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => verifyByKey(other.export({ type: 'spki', format: 'pem' }).toString())).toThrow(/RSA/);
    expect(() => verifyByKey('-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----')).toThrow();
  });

  test('may be off by what clocks are apart, and no more', async () => {
    const at = async (claims: JWTPayload) => (await verify(await sign({ claims }))) !== null;
    expect(await at({ exp: seconds() - 2 })).toBe(true);
    expect(await at({ exp: seconds() - 10 })).toBe(false);
    expect(await at({ nbf: seconds() + 2 })).toBe(true);
    expect(await at({ nbf: seconds() + 60 })).toBe(false);
    expect(await at({ iat: seconds() + 60 })).toBe(false);
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  test.each<[string, Changes]>([
    ['is signed by another', { key: stranger }],
    ['is signed with the public key as a secret', { header: { alg: 'HS256' }, key: Buffer.from(pem) }],
    ['has no end', { claims: { exp: undefined } }],
    ['has an end that is none', { claims: { exp: '9999999999' as never } }],
    ['names nobody', { claims: { sub: undefined } }],
    ['is one of a machine', { claims: { sub: 'mch_1' } }],
    ['is one of OAuth', { header: { typ: 'at+jwt' } }],
    ['belongs to a session that is not complete', { claims: { sts: 'pending' } }],
  ])('that %s is not', async (_, changes) => {
    expect(await verify(await sign(changes))).toBeNull();
  });

  test('that is not signed at all, or no token, is not', async () => {
    const [, payload] = (await sign()).split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const text = Buffer.from('null').toString('base64url');
    for (const token of [
      `${none}.${payload}.`,
      `${none}.${payload}.AAAA`,
      `${text}.${text}.${text}`,
      'a.b.c',
      '',
    ]) {
      expect(await verify(token), token).toBeNull();
    }
  });

  test('cannot be judged while Clerk gives no keys; what is no token can', async () => {
    const verifyFetched = verifyByFetchedKeys({ secretKey: 'sk_test_x', apiUrl: 'http://127.0.0.1:9' });
    await expect(verifyFetched(await sign())).rejects.toBeInstanceOf(KeysUnavailable);
    expect(await verifyFetched('bnVsbA.bnVsbA.bnVsbA')).toBeNull();
  }, 15_000);
});
