import { expect, it } from 'vitest';
import { json } from './testing/fake-api.ts';
import { openDarkroom } from './testing/harness.ts';

const id = 'a0b1';

it.each([
  ['GET /v1/me', (d) => d.me(), undefined],
  ['GET /v1/credits/ledger?limit=5&cursor=a%2Bb', (d) => d.ledger({ limit: 5, cursor: 'a+b' }), undefined],
  ['GET /v1/models', (d) => d.models(), undefined],
  ['GET /v1/jobs?status=failed', (d) => d.jobs.list({ status: 'failed' }), undefined],
  ['retry', (d) => d.jobs.retry(id), undefined],
  ['GET /v1/prompts', (d) => d.prompts.list(), undefined],
  [`GET /v1/prompts/${id}`, (d) => d.prompts.get(id), undefined],
  ['POST /v1/prompts', (d) => d.prompts.create({ prompt_text: 'x' }), { prompt_text: 'x' }],
  [`PATCH /v1/prompts/${id}`, (d) => d.prompts.update(id, { title: null }), { title: null }],
  ['GET /v1/images?limit=1', (d) => d.images.list({ limit: 1 }), undefined],
] as [string, (darkroom: ReturnType<typeof openDarkroom>['darkroom']) => Promise<unknown>, unknown][])(
  '%s is one call whose response is returned unchanged',
  async (kind, call, body) => {
    const { api, darkroom } = openDarkroom();
    api.once(kind, () => json(200, { an: 'answer' }));
    expect(await call(darkroom)).toEqual({ an: 'answer' });
    expect(api.requests).toMatchObject([{ body }]);
    expect('content-type' in api.requests[0]!.headers).toBe(body !== undefined);
  },
);

it.each([
  [`DELETE /v1/prompts/${id}`, 'prompts'],
  [`DELETE /v1/images/${id}`, 'images'],
] as const)('%s deletes it', async (kind, what) => {
  const { api, darkroom } = openDarkroom();
  api.once(kind, () => new Response(null, { status: 204 }));
  expect(await darkroom[what].delete(id)).toBeUndefined();
});

it('a quote returns the price and creates nothing', async () => {
  const { api, darkroom } = openDarkroom();
  const quote = { price: 3, balance: 20, model: 'one' };
  api.once('POST /v1/jobs?dry_run=true', () => json(200, { quote }));
  expect(await darkroom.quote({ prompt: 'a fox' })).toEqual(quote);
  expect(api.requests).toMatchObject([{ body: { prompt: 'a fox' } }]);
});

it('an id cannot leave its part of the path', async () => {
  const { api, darkroom } = openDarkroom();
  await darkroom.jobs.get('../me?x').catch(() => {});
  expect(api.requests[0]!.path).toBe('/v1/jobs/..%2Fme%3Fx');
});
