import type { Inspection } from '@darkroom/core/image/inspect';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim, aJob } from './claim.fixture.ts';
import { readInputImage } from './read-input-image.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const image = { bytes: Buffer.from('image'), mimeType: 'image/png' };
const ownKey = 'users/user_alice/uploads/photo.png';

function setUp(key: string | null = ownKey) {
  const storage = { get: vi.fn(async (): Promise<typeof image | 'too_large' | null> => image) };
  const inspect = vi.fn(
    async (): Promise<Inspection> => ({ ok: true, mimeType: 'image/png', width: 8, height: 6 }),
  );
  const claim = aClaim({ job: aJob({ input_image_key: key }) });
  const run = createActiveRuns({ now: () => 0 }).begin(claim, { deadlineAt: 600_000 });
  return { storage, inspect, read: () => readInputImage(run, { storage, inspect }) };
}

const invalid = (cause = expect.any(String)) => ({
  ok: false,
  failure: { code: 'invalid_input_image', cause },
});

test('a job without an input image reads nothing', async () => {
  const { storage, read } = setUp(null);
  expect(await read()).toEqual({ ok: true, image: null });
  expect(storage.get).not.toHaveBeenCalled();
});

test.each([
  ['an image of theirs', ownKey],
  ['an image that the native app put elsewhere', 'uploads/2024/photo.png'],
])('users may start from %s', async (_what, key) => {
  expect(await setUp(key).read()).toEqual({ ok: true, image });
});

test.each([
  'users/user_bob/uploads/photo.png',
  'users/user_alice/../user_bob/photo.png',
  'uploads/../users/user_bob/photo.png',
  '/users/user_bob/photo.png',
])("the key %s of another user's is never read", async (key) => {
  const { storage, read } = setUp(key);
  expect(await read()).toEqual(invalid());
  expect(storage.get).not.toHaveBeenCalled();
});

test.each(['too_large', null] as const)('an input image that is %s is invalid', async (found) => {
  const { storage, read } = setUp();
  storage.get.mockResolvedValue(found);
  expect(await read()).toEqual(invalid());
});

test('an input image that does not decode is invalid', async () => {
  const { inspect, read } = setUp();
  inspect.mockResolvedValue({ ok: false, reason: 'too_many_pixels' });
  expect(await read()).toEqual(invalid(expect.stringContaining('too_many_pixels')));
});

test('an input image that cannot be fetched within ten seconds is reported as unavailable storage', async () => {
  const { storage, read } = setUp();
  storage.get.mockRejectedValue(new StorageUnavailable('away'));
  const result = read();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await result).toMatchObject({ ok: false, failure: { code: 'storage_unavailable' } });
});
