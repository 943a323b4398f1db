import { expect, test } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';

const paths = ['/health/live', '/v1/me', '/nowhere', '/openapi.json', '/webhooks/stripe', '/admin/queues'];

test.each(paths)('%s has the security headers', async (path) => {
  const { app } = await createTestApi();
  const { headers } = await app.request(path);
  expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('X-Frame-Options')).toBe('DENY');
  expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d{7,}/);
  expect(headers.get('Referrer-Policy')).toBe('no-referrer');
  expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
  expect(headers.get('X-Powered-By')).toBeNull();
  expect(headers.get('Server')).toBeNull();
});

test('pages of configured origins can call the API, others cannot, and by default none can', async () => {
  const asked = async (corsOrigins: string[], Origin: string) => {
    const { app } = await createTestApi({ corsOrigins });
    const preflight = { Origin, 'Access-Control-Request-Method': 'POST' };
    const { headers } = await app.request('/v1/jobs', { method: 'OPTIONS', headers: preflight });
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    return headers.get('Access-Control-Allow-Origin');
  };
  expect(await asked([], 'https://app.test')).toBeNull();
  expect(await asked(['https://app.test'], 'https://app.test')).toBe('https://app.test');
  expect(await asked(['https://app.test'], 'https://app.test.evil.test')).toBeNull();
  expect(await asked(['https://app.test'], 'null')).toBeNull();
});

test.each([
  ['POST', '/v1/jobs', 30_000_001],
  ['POST', '/v1/jobs/00000000-0000-4000-8000-000000000000/cancel', 100_001],
  ['POST', '/v1/jobs/00000000-0000-4000-8000-000000000000/retry', 100_001],
  ['POST', '/v1/uploads', 100_001],
  ['POST', '/v1/prompts', 100_001],
  ['PATCH', '/v1/prompts/00000000-0000-4000-8000-000000000000', 100_001],
  ['POST', '/webhooks/clerk', 1_000_001],
  ['POST', '/webhooks/stripe', 1_000_001],
  ['POST', '/admin/sign-in', 100_001],
])('%s %s rejects a body of %i bytes', async (method, path, bytes) => {
  const { app, alice } = await createTestApi();
  const headers = {
    Authorization: alice,
    'Content-Type': 'application/json',
    'Content-Length': String(bytes),
  };
  const response = await app.request(path, { method, headers, body: 'x' });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
});
