import { imageForModel } from '@darkroom/core/image/for-model';
import type { Image } from '@darkroom/core/image/image';
import { type Inspection, inputLimits } from '@darkroom/core/image/inspect';
import type { Failure } from '@darkroom/core/job/failure';
import { ownsKey } from '@darkroom/core/storage/keys';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import { retryWhile } from './retry-while.ts';
import type { Run } from './runs.ts';

export interface InputImageDeps {
  storage: Pick<Storage, 'get'>;
  /** Decodes the bytes within {@link inputLimits}. */
  inspect(bytes: Buffer): Promise<Inspection>;
}

export type InputImage = { ok: true; image: Image | null } | { ok: false; failure: Failure };

/** Nothing has been paid for yet, so an absent store gives the slot back to other jobs soon. */
const fetchForMs = 10_000;

/**
 * Fetches and checks the image that a job starts from; null when it starts from words alone.
 * @throws the signal's reason.
 */
export async function readInputImage(run: Run, { storage, inspect }: InputImageDeps): Promise<InputImage> {
  const { input_image_key: key, user_id: userId } = run.claim.job;
  if (key === null) return { ok: true, image: null };
  if (!mayRead(userId, key)) return refuse(`the key belongs to another user: ${key}`);

  const object = await fetchObject(run, key, storage);
  if (object === 'unavailable') {
    return { ok: false, failure: { code: 'storage_unavailable', cause: `input image not readable: ${key}` } };
  }
  if (object === null) return refuse(`no object under ${key}`);
  if (object === 'too_large') return refuse(`larger than ${inputLimits.maxBytes} bytes: ${key}`);

  const found = await inspect(object.bytes);
  if (!found.ok) return refuse(`${found.reason}: ${key}`);
  const image = { bytes: object.bytes, mimeType: found.mimeType };
  return { ok: true, image: await imageForModel(image) };
}

/**
 * The native app stores its images wherever it likes, and its users' rows name those keys; what lies under a
 * user's prefix, though, is that user's alone. A path that climbs could leave one prefix for another.
 */
function mayRead(userId: string, key: string): boolean {
  if (ownsKey(userId, key)) return true;
  const climbs = key.split('/').some((part) => part === '.' || part === '..');
  return !climbs && !/^\/*users\//i.test(key);
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

function refuse(cause: string): InputImage {
  return { ok: false, failure: { code: 'invalid_input_image', cause } };
}
