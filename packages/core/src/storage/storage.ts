import type { Image } from '../image/image.ts';

/** The object store could not be reached, or refused for a reason that may pass. */
export class StorageUnavailable extends Error {
  override name = 'StorageUnavailable';
}

/** An object as a listing shows it. */
export interface ListedObject {
  key: string;
  /** In bytes. */
  size: number;
  modifiedAt: Date;
}

export interface Storage {
  /**
   * Stores bytes under a key that has never been written before.
   * Safe to repeat with the same bytes: a lost answer is resolved by comparing the stored SHA-256.
   * @throws StorageUnavailable, or the signal's reason when it was aborted.
   */
  put(
    key: string,
    image: Image,
    options?: { signal?: AbortSignal; sha256?: string },
  ): Promise<{ url: string }>;
  /**
   * Reads an object of at most `maxBytes`.
   * @returns null where there is none; `too_large` (nothing was read) where it is larger.
   * @throws StorageUnavailable, or the signal's reason.
   */
  get(
    key: string,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<{ bytes: Buffer; mimeType: string } | 'too_large' | null>;
  /** Size in bytes and type of an object, or null where there is none. @throws StorageUnavailable */
  head(key: string, options?: { signal?: AbortSignal }): Promise<{ size: number; mimeType: string } | null>;
  /** Removes an object; removing what is not there is no error. @throws StorageUnavailable */
  delete(key: string, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * One page of the objects whose keys begin with `prefix`, in the order of their keys, from the one after `after` on.
   * `next` is where the next page begins: it keeps for as long as one likes; null at the end. @throws StorageUnavailable
   */
  list(
    prefix: string,
    options?: { after?: string | null; limit?: number; signal?: AbortSignal },
  ): Promise<{ objects: ListedObject[]; next: string | null }>;
  /** Where anybody can read the object of this key. */
  publicUrl(key: string): string;
  close(): void;
}
