import { describe, expect, test, vi } from 'vitest';
import { createSessionTokens } from '../testing/session-tokens.ts';
import { createTestApi } from '../testing/test-api.ts';

describe('authentication', () => {
  test('a session token is accepted without a network call', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'));
    const { get } = await createTestApi();
    const response = await get('/v1/me');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: 'user_alice', credits: 5 });
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test('the same token is verified once', async () => {
    const { get } = await createTestApi();
    const verify = vi.spyOn(crypto.subtle, 'verify');
    for (let time = 0; time < 3; time += 1) expect((await get('/v1/me')).status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockRestore();
  });

  test('Clerk’s debug headers are not sent to the client', async () => {
    const { get, tokens } = await createTestApi();
    const expired = await tokens.authorization('user_alice', { exp: -60 });
    for (const response of [await get('/v1/me'), await get('/v1/me', { Authorization: expired })]) {
      expect([...response.headers.keys()].filter((name) => name.startsWith('x-clerk'))).toEqual([]);
    }
  });

  test('a missing, malformed, forged or unsupported token gets a 401', async () => {
    const { app, alice, db, tokens } = await createTestApi();
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'));
    const [head, payload] = alice.split('.');
    const headers = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      `Basic ${alice.slice(7)}`,
      alice.slice(7),
      'Bearer ak_live_abc',
      'Bearer mt_abc.def.ghi',
      'Bearer oat_abc.def.ghi',
      'Bearer a.b.c',
      'Bearer bnVsbA.bnVsbA.bnVsbA',
      `${head}.${payload}.AAAA`,
      `${alice}, ${alice}`,
      `Bearer ${'x'.repeat(10_000)}.a.b`,
      await createSessionTokens().authorization('user_alice'),
      await tokens.authorization('user_alice', { exp: -60 }),
      await tokens.authorization('user_alice', { claims: { sts: 'pending' } }),
    ];
    for (const header of headers) {
      const response = await app.request('/v1/me', {
        headers: header === undefined ? {} : { Authorization: header },
      });
      expect(response.status, header).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      expect(response.headers.get('Content-Type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
    }
    expect(db.calls).toEqual([]);
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test('cookies are not accepted', async () => {
    const { app, alice } = await createTestApi();
    const token = alice.slice(7);
    const response = await app.request('/v1/me', {
      headers: { Cookie: `__session=${token}; __client_uat=1` },
    });
    expect(response.status).toBe(401);
  });

  test('an expired token never gets a redirect, not even in a browser', async () => {
    const { get, tokens } = await createTestApi();
    const response = await get('/v1/me', {
      Authorization: await tokens.authorization('user_alice', { exp: -60 }),
      Accept: 'text/html',
      'Sec-Fetch-Dest': 'document',
      Cookie: '__session=x; __refresh_x=y; __client_uat=1',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('Location')).toBeNull();
  });

  test('a token of an unlisted party is rejected; a token without a party is accepted', async () => {
    const { clerk, authorization } = createSessionTokens();
    const { get } = await createTestApi({ clerk: { ...clerk, authorizedParties: ['https://app.test'] } });
    const status = async (claims: object) =>
      (await get('/v1/me', { Authorization: await authorization('user_alice', { claims: { ...claims } }) }))
        .status;
    expect(await status({ azp: 'https://app.test' })).toBe(200);
    expect(await status({ azp: 'https://evil.test' })).toBe(401);
    expect(await status({})).toBe(200);
  });

  test('the e-mail address in a token becomes the user’s', async () => {
    const { get, tokens } = await createTestApi();
    const Authorization = await tokens.authorization('user_alice', {
      claims: { email: 'alice@example.com' },
    });
    expect(await (await get('/v1/me', { Authorization })).json()).toMatchObject({
      email: 'alice@example.com',
    });
  });

  test('without CLERK_JWT_KEY and with Clerk unreachable, the response is 503 and not 401', async () => {
    const { clerk, authorization } = createSessionTokens();
    const { get } = await createTestApi({ clerk: { ...clerk, jwtKey: undefined } });
    const response = await get('/v1/me', { Authorization: await authorization('user_alice') });
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('5');
  }, 15_000);
});
