import { imageForModel } from '@darkroom/core/image/for-model';
import type { Image } from '@darkroom/core/image/image';
import { type Inspection, inputLimits } from '@darkroom/core/image/inspect';
import type { Failure } from '@darkroom/core/job/failure';
import { ownsKey } from '@darkroom/core/storage/keys';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Run } from './active-runs.ts';
import { retryWhile } from './retry-while.ts';

export interface InputImageDeps {
  storage: Pick<Storage, 'get'>;
  /** Decodes the bytes, within {@link inputLimits}. */
  inspect(bytes: Buffer): Promise<Inspection>;
}

export type InputImage = { ok: true; image: Image | null } | { ok: false; failure: Failure };

/** Short: nothing has been paid for yet, so the slot is better used by another job. */
const fetchForMs = 10_000;

/**
 * Fetches and checks the job's input image; `image` is null for a job without one.
 * @throws the signal's reason when the run is stopped.
 */
export async function readInputImage(run: Run, { storage, inspect }: InputImageDeps): Promise<InputImage> {
  const { input_image_key: key, user_id: userId } = run.claim.job;
  if (key === null) return { ok: true, image: null };
  if (!mayRead(userId, key)) return invalid(`the key belongs to another user: ${key}`);

  const object = await fetchObject(run, key, storage);
  if (object === 'unavailable') {
    return { ok: false, failure: { code: 'storage_unavailable', cause: `input image not readable: ${key}` } };
  }
  if (object === null) return invalid(`no object under ${key}`);
  if (object === 'too_large') return invalid(`larger than ${inputLimits.maxBytes} bytes: ${key}`);

  const found = await inspect(object.bytes);
  if (!found.ok) return invalid(`${found.reason}: ${key}`);
  const image = { bytes: object.bytes, mimeType: found.mimeType };
  return { ok: true, image: await imageForModel(image) };
}

/**
 * The native app stores images under keys of any shape, so those are allowed; keys under a user's prefix are for that
 * user only. `.` and `..` are refused because they could lead into another prefix.
 */
function mayRead(userId: string, key: string): boolean {
  if (ownsKey(userId, key)) return true;
  const hasDots = key.split('/').some((part) => part === '.' || part === '..');
  return !hasDots && !/^\/*users\//i.test(key);
}

async function fetchObject(run: Run, key: string, storage: Pick<Storage, 'get'>) {
  const { signal } = run;
  try {
    return await retryWhile(() => storage.get(key, { maxBytes: inputLimits.maxBytes, signal }), {
      during: StorageUnavailable,
      forMs: fetchForMs,
      signal,
    });
  } catch (error) {
    if (error instanceof StorageUnavailable && !signal.aborted) return 'unavailable';
    throw error;
  }
}

function invalid(cause: string): InputImage {
  return { ok: false, failure: { code: 'invalid_input_image', cause } };
}
