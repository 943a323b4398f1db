import type { Inspection } from '@darkroom/core/image/inspect';
import type { ImageModel, ModelAnswer } from '@darkroom/core/models/model';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aClaim, aJob } from './claim.fixture.ts';
import { image, keys, setUpRender, thumbnail } from './render.fixture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failing = (code: 'content_blocked' | 'provider_unavailable' | 'no_image'): ModelAnswer => ({
  ok: false,
  failure: { code, cause: 'said the service' },
});
const withInput = (key: string) => aClaim({ job: aJob({ input_image_key: key }) });
/** Never answers, but rejects when aborted, as the contract of ImageModel requires. */
const hanging: ImageModel['generate'] = (_request, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('an image is rendered and stored with its thumbnail under keys of this attempt', async () => {
  const { run, render } = setUpRender();
  expect(await render(run)).toEqual({
    kind: 'succeeded',
    image: {
      object_key: keys.image,
      image_url: `https://cdn.example/${keys.image}`,
      thumbnail_key: keys.thumbnail,
      thumbnail_url: `https://cdn.example/${keys.thumbnail}`,
      width: 4,
      height: 3,
      mime_type: 'image/png',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      model: 'first',
    },
    calls: [{ call: 1, attempt: 1, model: 'first', code: 'ok', ms: 0 }],
  });
  expect(run.objects).toEqual([keys.image, keys.thumbnail]);
});

test('the stages are reported as they begin', async () => {
  const { run, render, db } = setUpRender();
  await render(run);
  await vi.advanceTimersByTimeAsync(0);
  expect(db.reportProgress.mock.calls).toEqual([
    [[expect.objectContaining({ stage: 'generating', progress: 10 })]],
    [[expect.objectContaining({ stage: 'storing', progress: 90 })]],
  ]);
});

test('generating is reported once its call is counted, storing while the image is checked', async () => {
  const { run, render, db, inspect } = setUpRender();
  const stages = () => db.reportProgress.mock.calls.flatMap(([reports]) => reports.map(({ stage }) => stage));
  const counting = Promise.withResolvers<{ call: number }>();
  const checking = Promise.withResolvers<Inspection>();
  db.beginModelCall.mockReturnValueOnce(counting.promise);
  inspect.mockReturnValueOnce(checking.promise);
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(0);
  expect(stages()).toEqual([]);
  counting.resolve({ call: 1 });
  await vi.advanceTimersByTimeAsync(0);
  expect(stages()).toEqual(['generating', 'storing']);
  checking.resolve({ ok: true, mimeType: 'image/png', width: 4, height: 3, thumbnail });
  expect(await outcome).toMatchObject({ kind: 'succeeded' });
});

test('a content refusal fails at once', async () => {
  const { run, render, generate } = setUpRender();
  generate.mockResolvedValue(failing('content_blocked'));
  expect(await render(run)).toMatchObject({
    kind: 'failed',
    failure: { code: 'content_blocked' },
    calls: [{ model: 'first', code: 'content_blocked' }],
  });
});

test('an unavailable provider is retried, and the retry counts', async () => {
  const { run, render, generate } = setUpRender();
  generate.mockResolvedValue(failing('provider_unavailable'));
  expect(await render(run)).toMatchObject({
    kind: 'retryable',
    failure: { code: 'provider_unavailable' },
    delayMs: 2_000,
    counts: true,
    calls: [{ call: 1 }, { call: 2 }, { call: 3 }, { call: 4 }],
  });
});

test('a job without retries left fails', async () => {
  const { run, render, generate } = setUpRender({ claim: aClaim({ countedRetries: 2 }) });
  generate.mockResolvedValue(failing('provider_unavailable'));
  expect(await render(run)).toMatchObject({ kind: 'failed', failure: { code: 'provider_unavailable' } });
});

test('a failure that may be retried once fails the second time', async () => {
  const { run, render, generate } = setUpRender({
    claim: aClaim({ countedRetries: 1, pastFailures: ['no_image'] }),
  });
  generate.mockResolvedValue(failing('no_image'));
  expect(await render(run)).toMatchObject({ kind: 'failed', failure: { code: 'no_image' } });
});

test('a job without model calls left fails, and no call is sent', async () => {
  const { run, render, db, generate } = setUpRender();
  db.beginModelCall.mockResolvedValue('budget_spent');
  expect(await render(run)).toMatchObject({ kind: 'failed', calls: [] });
  expect(generate).not.toHaveBeenCalled();
});

test('a claim found lost before a model call is lost, and no call is sent', async () => {
  const { run, render, db, generate } = setUpRender();
  db.beginModelCall.mockResolvedValue('lost');
  expect(await render(run)).toEqual({ kind: 'lost' });
  expect(generate).not.toHaveBeenCalled();
});

test('no call is sent until the database has counted it', async () => {
  const { run, render, db, generate } = setUpRender();
  db.beginModelCall.mockRejectedValueOnce(new DatabaseUnavailable('away'));
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(0);
  expect(generate).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await outcome).toMatchObject({ kind: 'succeeded' });
});

test('a report that finds the claim lost aborts the model call', async () => {
  const { run, render, db, generate } = setUpRender();
  generate.mockImplementation(hanging);
  db.reportProgress.mockResolvedValueOnce([]).mockResolvedValue([run]);
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await outcome).toEqual({ kind: 'lost' });
  expect(run.calls).toMatchObject([{ code: 'canceled' }]);
});

test('a report that fails does not fail the run', async () => {
  const { run, render, db } = setUpRender();
  db.reportProgress.mockRejectedValue(new DatabaseUnavailable('away'));
  expect(await render(run)).toMatchObject({ kind: 'succeeded' });
});

test('an interrupted run keeps its record of paid calls', async () => {
  const { run, render, generate } = setUpRender();
  generate.mockImplementation(hanging);
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(10);
  run.stop('interrupted');
  expect(await outcome).toMatchObject({ kind: 'interrupted', calls: [{ call: 1, code: 'canceled' }] });
});

test('a run that reaches its deadline fails, at any stage', async () => {
  const { run, render, generate } = setUpRender({ claim: aClaim({ deadlineInMs: 5_000 }) });
  generate.mockImplementation(hanging);
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await outcome).toMatchObject({
    kind: 'failed',
    failure: { code: 'deadline_exceeded', cause: 'deadline reached while generating' },
  });
});

test('a run that is lost before it begins sends no call', async () => {
  const { run, render, generate } = setUpRender();
  run.stop('lost');
  expect(await render(run)).toEqual({ kind: 'lost' });
  expect(generate).not.toHaveBeenCalled();
});

test('while the store is unavailable the paid image is kept, and no further call is sent', async () => {
  const { run, render, storage, generate } = setUpRender();
  storage.put.mockRejectedValue(new StorageUnavailable('away'));
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(60_000);
  storage.put.mockImplementation(async (key) => ({ url: key }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toMatchObject({ kind: 'succeeded' });
  expect(generate).toHaveBeenCalledTimes(1);
});

test('a store that stays unavailable fails the job at its deadline, after one call', async () => {
  const { run, render, storage, generate } = setUpRender();
  storage.put.mockRejectedValue(new StorageUnavailable('away'));
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(await outcome).toMatchObject({ kind: 'failed', failure: { code: 'deadline_exceeded' } });
  expect(generate).toHaveBeenCalledTimes(1);
  expect(run.objects).toEqual([keys.image, keys.thumbnail]);
});

test('a bug in our code is logged with its cause, and the job is retried', async () => {
  const { run, render, inspect, log } = setUpRender();
  inspect.mockRejectedValue(new TypeError('our bug'));
  expect(await render(run)).toMatchObject({ kind: 'retryable', failure: { code: 'internal_error' } });
  expect(log.told).toContainEqual({
    name: 'unexpected_error',
    fields: expect.objectContaining({ stage: 'storing' }),
  });
});

test('the input image is sent to the model', async () => {
  const { run, render, generate } = setUpRender({ claim: withInput('users/user_alice/uploads/photo.png') });
  expect(await render(run)).toMatchObject({ kind: 'succeeded' });
  expect(generate).toHaveBeenCalledWith(expect.objectContaining({ inputImage: image }), expect.anything());
});

test('an invalid input image fails the job at once, and no call is sent', async () => {
  const { run, render, generate } = setUpRender({ claim: withInput('users/user_bob/uploads/photo.png') });
  expect(await render(run)).toMatchObject({ kind: 'failed', failure: { code: 'invalid_input_image' } });
  expect(generate).not.toHaveBeenCalled();
});

test('an input image that cannot be fetched now is retried later', async () => {
  const { run, render, storage, generate } = setUpRender({
    claim: withInput('users/user_alice/uploads/photo.png'),
  });
  storage.get.mockRejectedValue(new StorageUnavailable('away'));
  const outcome = render(run);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await outcome).toMatchObject({
    kind: 'retryable',
    failure: { code: 'storage_unavailable' },
    counts: true,
  });
  expect(generate).not.toHaveBeenCalled();
});
