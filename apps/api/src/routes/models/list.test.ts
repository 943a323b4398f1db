import type { ModelHealth } from '@darkroom/db/models/models';
import { expect, test } from 'vitest';
import { createFakeDatabase } from '../../testing/fake-database.ts';
import { createTestApi } from '../../testing/test-api.ts';

async function list(health: Record<string, ModelHealth> = {}) {
  const db = createFakeDatabase();
  Object.defineProperty(db, 'getModelHealth', { value: async () => health });
  const { get } = await createTestApi({ db });
  const response = await get('/v1/models');
  expect(response.status).toBe(200);
  return (await response.json()) as { data: any[]; next_cursor: null };
}

test('models are listed in the order of fallback with sizes, ratios and prices', async () => {
  const { data, next_cursor } = await list();
  expect(next_cursor).toBeNull();
  expect(data.map(({ id, price }) => [id, price])).toEqual([
    ['gemini-nano-banana-2.1', { '1K': 1, '2K': 1, '4K': 1 }],
    ['gemini-3-pro-image', { '1K': 2, '2K': 2, '4K': 4 }],
    ['gemini-3.1-flash-lite-image', { '1K': 1 }],
  ]);
  expect(data[2]).toMatchObject({ sizes: ['1K'], available: true, recent_median_seconds: null });
  expect(data[0].aspect_ratios).toContain('8:1');
});

test.each([
  ['has not been called', undefined, true],
  ['no longer exists', ['model_unavailable', 'ok', 'ok'], false],
  ['failed three times', ['provider_unavailable', 'rate_limited', 'provider_unavailable'], false],
  ['failed twice', ['provider_unavailable', 'provider_unavailable'], true],
  ['has recovered', ['ok', 'provider_unavailable', 'provider_unavailable'], true],
  ['only rejects content', ['content_blocked', 'content_blocked', 'no_image'], true],
])('availability of a model that %s', async (_, latest, available) => {
  const { data } = await list(latest ? { 'gemini-3-pro-image': { median_ms: 4_321, latest } } : {});
  expect(data[1]).toMatchObject({ available, recent_median_seconds: latest ? 4.3 : null });
});
