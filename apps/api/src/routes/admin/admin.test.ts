import { describe, expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';
import { createSessions } from './session.ts';

const operators = {
  userIds: ['user_olga'],
  organization: { id: 'org_1', role: 'org:admin' },
  token: 'the-token',
  actions: false,
};
const paths = ['/admin', '/admin/', '/admin/queues', '/admin/queues/', '/admin/queues/static/js/main.js'];
const more = [
  '/admin/queues/api/queues',
  '/admin/queues/queue/generation',
  '/admin/elsewhere',
  '/admin/sign-out',
];
const everything = [...paths, ...more];
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const ownPage = { 'Sec-Fetch-Site': 'same-origin' };
const inOrganization = (id: string, rol: string) => ({ claims: { o: { id, rol, slg: 'x' } } });

/** The request of the sign-in form. */
const form = (fields: Record<string, string>, headers: Record<string, string> = ownPage) => ({
  method: 'POST',
  headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});

describe('without configured operators, every path is forbidden', () => {
  test.each([...everything, '/admin/sign-in'])('%s', async (path) => {
    const { app, alice } = await createTestApi();
    for (const headers of [
      {},
      { Authorization: alice },
      { Authorization: 'Bearer x' },
      { Accept: 'text/html' },
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) {
        expect((await app.request(path, { method, headers })).status, method).toBe(403);
      }
    }
  });
});

describe('without an operator’s credentials', () => {
  let connections = 0;
  /** A new address each time, so that no attempt is blocked for earlier ones. */
  const connection = () => {
    connections += 1;
    const remoteAddress = `10.0.${Math.floor(connections / 256)}.${connections % 256}`;
    return { incoming: { socket: { remoteAddress } } };
  };

  test.each(everything)('%s is not accessible', async (path) => {
    const { app, alice, tokens } = await createTestApi({ operators });
    const member = await tokens.authorization('user_m', inOrganization('org_1', 'org:member'));
    const admin = await tokens.authorization('user_a', inOrganization('org_2', 'org:admin'));
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const ask = async (headers: Record<string, string>) =>
        (await app.request(path, { method, headers }, connection())).status;
      expect(await ask({}), method).toBe(401);
      expect(await ask({ Authorization: 'Bearer the-tokem' }), method).toBe(401);
      expect(await ask({ Authorization: 'Basic dGhlLXRva2Vu' }), method).toBe(401);
      expect(await ask({ Cookie: 'darkroom_operator=e30.e30' }), method).toBe(401);
      expect(await ask({ Authorization: alice }), 'not an operator').toBe(403);
      expect(await ask({ Authorization: member }), 'another role').toBe(403);
      expect(await ask({ Authorization: admin }), 'the role in another organization').toBe(403);
    }
  });

  test('scripts get a problem, and browsers are redirected to the sign-in page and back', async () => {
    const { app } = await createTestApi({ operators });
    const script = await app.request('/admin/queues/api/queues');
    expect(script.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await script.json()).toMatchObject({ code: 'unauthenticated' });
    const person = await app.request('/admin/queues/queue/generation?status=failed', {
      headers: { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' },
    });
    expect(person.status).toBe(303);
    const to = '/admin/sign-in?next=%2Fadmin%2Fqueues%2Fqueue%2Fgeneration%3Fstatus%3Dfailed';
    expect(person.headers.get('Location')).toBe(to);
    const page = await (await app.request(to)).text();
    expect(page).toContain('value="/admin/queues/queue/generation?status=failed"');
  });

  test('a deleted account is no operator', async () => {
    const { app, tokens } = await createTestApi({
      operators,
      deletedUsers: { has: async () => true, add: () => {} },
    });
    const Authorization = await tokens.authorization('user_olga');
    expect((await app.request('/admin/queues', { headers: { Authorization } })).status).toBe(401);
  });
});

describe('an operator', () => {
  test('has access by the token, by user id, or by a role in the organization', async () => {
    const { app, tokens } = await createTestApi({ operators });
    const olga = await tokens.authorization('user_olga');
    const admin = await tokens.authorization('user_a', inOrganization('org_1', 'admin'));
    for (const Authorization of ['Bearer the-token', olga, admin]) {
      const response = await app.request('/admin/queues', { headers: { Authorization } });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('the board at /admin/queues');
    }
  });

  test('signs in to a strict HttpOnly session cookie, and signs out again', async () => {
    const { app } = await createTestApi({ operators });
    const response = await app.request(
      '/admin/sign-in',
      form({ token: 'the-token', next: '/admin/queues/x' }),
    );
    expect(response.status).toBe(303);
    expect(response.headers.get('Location')).toBe('/admin/queues/x');
    const cookie = response.headers.get('Set-Cookie')!;
    expect(cookie).toMatch(
      /^darkroom_operator=[\w.-]+; Max-Age=28800; Path=\/admin; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain('the-token');
    const Cookie = cookie.split(';')[0]!;
    expect((await app.request('/admin/queues', { headers: { Cookie } })).status).toBe(200);
    const out = await app.request('/admin/sign-out', { method: 'POST', headers: { Cookie, ...ownPage } });
    expect(out.headers.get('Set-Cookie')).toContain('Max-Age=0');
    const behindTls = await app.request(
      '/admin/sign-in',
      form({ token: 'the-token' }, { ...ownPage, 'X-Forwarded-Proto': 'https' }),
    );
    expect(behindTls.headers.get('Set-Cookie')).toContain('; Secure');
  });

  test('can sign in with a Clerk session token', async () => {
    const { app, tokens } = await createTestApi({ operators });
    const token = (await tokens.authorization('user_olga')).replace('Bearer ', '');
    expect((await app.request('/admin/sign-in', form({ token }))).status).toBe(303);
    const stranger = (await tokens.authorization('user_alice')).replace('Bearer ', '');
    const refused = await app.request('/admin/sign-in', form({ token: stranger }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('Set-Cookie')).toBeNull();
    expect(await refused.text()).toContain('You are not an operator');
  });

  test('is blocked by address for a minute after too many wrong tokens, and other addresses are not', async () => {
    let time = 0;
    const { app } = await createTestApi({ operators, now: () => time });
    const ask = async (token: string, remoteAddress = '192.0.2.1') => {
      const connection = { incoming: { socket: { remoteAddress } } };
      return app.request('/admin/queues', bearer(token), connection);
    };
    for (let n = 0; n < 20; n += 1) expect((await ask('the-token')).status, 'valid token').toBe(200);
    for (let n = 0; n < 10; n += 1) expect((await ask('guess')).status).toBe(401);
    const late = await ask('the-token');
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await ask('the-token', '192.0.2.2')).status).toBe(200);
    time += 61_000;
    expect((await ask('the-token')).status).toBe(200);
  });

  test('can try to sign in ten times a minute', async () => {
    const { app } = await createTestApi({ operators });
    for (let n = 0; n < 10; n += 1) {
      expect((await app.request('/admin/sign-in', form({ token: 'guess' }))).status).toBe(401);
    }
    const late = await app.request('/admin/sign-in', form({ token: 'the-token' }));
    expect(late.status).toBe(429);
    expect(late.headers.get('Set-Cookie')).toBeNull();
  });

  test('is redirected only below /admin', async () => {
    const { app } = await createTestApi({ operators });
    for (const next of [
      'https://evil.test',
      '//evil.test',
      '/admin//evil.test',
      '/admin/sign-in',
      '/v1/me',
      '',
    ]) {
      const response = await app.request('/admin/sign-in', form({ token: 'the-token', next }));
      expect(response.headers.get('Location'), next).toBe('/admin/queues');
    }
  });

  test('can only read unless actions are allowed', async () => {
    const readOnly = await createTestApi({ operators });
    const withActions = await createTestApi({ operators: { ...operators, actions: true } });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const init = { method, ...bearer('the-token') };
      const path = '/admin/queues/api/queues/generation/pause';
      expect((await readOnly.app.request(path, init)).status).toBe(403);
      expect((await withActions.app.request(path, init)).status).toBe(200);
    }
  });
});

describe('a cookie allows changes from a page of the same origin only', () => {
  const sessions = createSessions({ secrets: ['secret'], epochMs: Date.now });
  const Cookie = `darkroom_operator=${sessions.issue({ by: 'token' })}`;
  test.each([
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{ Origin: 'http://api.test', Host: 'api.test' }, 200],
    [{ Origin: 'http://evil.test', Host: 'api.test' }, 403],
    [{ Origin: 'null', Host: 'api.test' }, 403],
    [{}, 403],
  ])('%o', async (headers, status) => {
    const { app } = await createTestApi({ operators: { ...operators, actions: true } });
    const path = '/admin/queues/api/queues/generation/pause';
    const response = await app.request(path, {
      method: 'PUT',
      headers: { Cookie, ...headers } as Record<string, string>,
    });
    expect(response.status).toBe(status);
    const elsewhere = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' } as Record<
      string,
      string
    >;
    const signIn = await app.request('/admin/sign-in', {
      method: 'POST',
      headers: elsewhere,
      body: 'token=the-token',
    });
    expect(signIn.status).toBe(status === 200 ? 303 : 403);
  });
});

describe('a session', () => {
  let time = 0;
  const settings = { secrets: ['a', 'b'], epochMs: () => time };
  const sessions = createSessions(settings);

  test('is valid in every process for eight hours', () => {
    const cookie = sessions.issue({ by: 'user', id: 'user_olga' });
    expect(createSessions(settings).read(cookie)).toEqual({ by: 'user', id: 'user_olga' });
    time += 8 * 3_600_000;
    expect(sessions.read(cookie)).toBeNull();
  });

  test('that was changed or signed with another secret is invalid', () => {
    const organization = { id: 'org_1', role: 'org:admin' };
    const cookie = sessions.issue({ by: 'role', id: 'u', organization });
    const [payload, signature] = cookie.split('.') as [string, string];
    const forged = Buffer.from(JSON.stringify({ operator: { by: 'token' }, until: 9e15 })).toString(
      'base64url',
    );
    for (const wrong of [
      `${forged}.${signature}`,
      payload,
      `${payload}.`,
      `${cookie}.x`,
      '',
      `.${signature}`,
    ]) {
      expect(sessions.read(wrong)).toBeNull();
    }
    expect(createSessions({ ...settings, secrets: ['a', 'c'] }).read(cookie)).toBeNull();
  });

  test('ends when its user’s account is deleted', async () => {
    const settings = { secrets: ['secret'], epochMs: Date.now };
    const olga = createSessions(settings).issue({ by: 'user', id: 'user_olga' });
    const deletedUsers = { has: async (id: string) => id === 'user_olga', add: () => {} };
    const { app } = await createTestApi({ operators, deletedUsers });
    const headers = { Cookie: `darkroom_operator=${olga}` };
    expect((await app.request('/admin/queues', { headers })).status).toBe(401);
  });

  test.each([
    ['another organization', { id: 'org_2', role: 'org:admin' }],
    ['another role', { id: 'org_1', role: 'org:lead' }],
    ['none', undefined],
  ])('from a role ends when the configured organization is %s', async (_, organization) => {
    const { app: before, tokens } = await createTestApi({ operators });
    const token = await tokens.authorization('user_a', inOrganization('org_1', 'admin'));
    const signedIn = await before.request('/admin/sign-in', form({ token: token.replace('Bearer ', '') }));
    const headers = { Cookie: signedIn.headers.get('Set-Cookie')!.split(';')[0]! };
    expect((await before.request('/admin/queues', { headers })).status).toBe(200);
    const { app: after } = await createTestApi({ operators: { ...operators, organization } });
    expect((await after.request('/admin/queues', { headers })).status).toBe(401);
  });

  test('ends when its user is no longer an operator', async () => {
    const olga = createSessions({ secrets: ['secret'], epochMs: Date.now }).issue({
      by: 'user',
      id: 'user_olga',
    });
    const headers = { Cookie: `darkroom_operator=${olga}` };
    const before = await createTestApi({ operators });
    expect((await before.app.request('/admin/queues', { headers })).status).toBe(200);
    const after = await createTestApi({ operators: { ...operators, userIds: [] } });
    expect((await after.app.request('/admin/queues', { headers })).status).toBe(401);
  });
});

test('admin pages may load files of their own origin only, and are never cached', async () => {
  const { app } = await createTestApi({ operators });
  const { headers } = await app.request('/admin/sign-in');
  expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'");
  expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('X-Frame-Options')).toBe('DENY');
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Cache-Control')).toBe('no-store');
});
