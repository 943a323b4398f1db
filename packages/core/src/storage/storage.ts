import type { Image } from '../image/image.ts';

/** The object store could not be reached or refused the request. */
export class StorageUnavailable extends Error {
  override name = 'StorageUnavailable';
}

/** An object in a listing. */
export interface ListedObject {
  key: string;
  /** In bytes. */
  size: number;
  modifiedAt: Date;
}

export interface Storage {
  /**
   * Stores bytes under a new key. Never overwrites other bytes.
   * Safe to repeat with the same bytes: after a lost answer the stored SHA-256 is compared.
   * @throws StorageUnavailable, or the signal's reason when it is aborted.
   */
  put(
    key: string,
    image: Image,
    options?: { signal?: AbortSignal; sha256?: string },
  ): Promise<{ url: string }>;
  /**
   * Reads an object of at most `maxBytes`.
   * @returns null when there is no object; `too_large` when it has more bytes.
   * @throws StorageUnavailable, or the signal's reason when it is aborted.
   */
  get(
    key: string,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<{ bytes: Buffer; mimeType: string } | 'too_large' | null>;
  /** The size in bytes and the type of an object; null when there is none. @throws StorageUnavailable */
  head(key: string, options?: { signal?: AbortSignal }): Promise<{ size: number; mimeType: string } | null>;
  /** Removes an object. A missing object is not an error. @throws StorageUnavailable */
  delete(key: string, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Lists one page of the objects whose keys begin with `prefix`, in key order, starting after the key `after`.
   * `next` is the `after` of the next page and never expires; null on the last page. @throws StorageUnavailable
   */
  list(
    prefix: string,
    options?: { after?: string | null; limit?: number; signal?: AbortSignal },
  ): Promise<{ objects: ListedObject[]; next: string | null }>;
  /** The public URL of an object. */
  publicUrl(key: string): string;
  close(): void;
}
