import { hash } from 'node:crypto';
import { addAbortSignal, type Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TimeoutError, withTimeout } from '../runtime/time/with-timeout.ts';
import { createR2Client, defaultRequestTimeoutMs, type R2Connection } from './r2-client.ts';
import { isMissing, statusOf, unavailable } from './r2-error.ts';
import { type Storage, StorageUnavailable } from './storage.ts';

export interface R2Options extends R2Connection {
  /** The base URL for public reads: the custom domain of the bucket, or another address. */
  publicUrl: string;
}

/** Long enough to avoid most reads, short enough that caches drop a deleted image within a day. */
const cacheControl = 'public, max-age=86400';

/** Storage in Cloudflare R2, or in any other store with the S3 API. */
export function createR2(options: R2Options): Storage {
  const { bucket: Bucket, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const client = createR2Client(options);
  const base = options.publicUrl.replace(/\/+$/, '');
  const publicUrl = (key: string) => `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;

  /** Runs one call within the time limit. @throws StorageUnavailable, or the reason of `caller` */
  async function bounded<T>(
    doing: string,
    caller: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await withTimeout(requestTimeoutMs, call, caller);
    } catch (error) {
      caller?.throwIfAborted();
      if (error instanceof StorageUnavailable) throw error;
      if (error instanceof TimeoutError) {
        throw new StorageUnavailable(`${doing}: no answer within ${requestTimeoutMs} ms`);
      }
      throw unavailable(doing, error);
    }
  }

  return {
    publicUrl,

    put(key, image, { signal: caller, sha256 = hash('sha256', image.bytes) } = {}) {
      return bounded(`put ${key}`, caller, async (signal) => {
        const command = new PutObjectCommand({
          Bucket,
          Key: key,
          Body: image.bytes,
          ContentType: image.mimeType,
          CacheControl: cacheControl,
          Metadata: { sha256 },
          IfNoneMatch: '*',
        });
        // The signature needs the hash of the body. Without this header the SDK computes it again.
        const named = { 'x-amz-content-sha256': sha256 };
        command.middlewareStack.add(
          (next) => (args) => {
            Object.assign((args.request as { headers: object }).headers, named);
            return next(args);
          },
          { step: 'build' },
        );
        try {
          await client.send(command, { abortSignal: signal });
        } catch (error) {
          if (statusOf(error) !== 412) throw error;
          await assertSameObject(client, Bucket, key, sha256, signal);
        }
        return { url: publicUrl(key) };
      });
    },

    get(key, { maxBytes, signal: caller }) {
      return bounded(`get ${key}`, caller, async (signal) => {
        const command = new GetObjectCommand({ Bucket, Key: key });
        const answer = await client.send(command, { abortSignal: signal }).catch(nullIfMissing);
        if (!answer) return null;
        const body = answer.Body as Readable;
        const bytes = await readBody(body, answer.ContentLength ?? 0, maxBytes, signal);
        return bytes === 'too_large' ? bytes : { bytes, mimeType: typeOf(answer) };
      });
    },

    head(key, { signal: caller } = {}) {
      return bounded(`head ${key}`, caller, async (signal) => {
        const command = new HeadObjectCommand({ Bucket, Key: key });
        const answer = await client.send(command, { abortSignal: signal }).catch(nullIfMissing);
        return answer && { size: answer.ContentLength ?? 0, mimeType: typeOf(answer) };
      });
    },

    delete(key, { signal: caller } = {}) {
      return bounded(`delete ${key}`, caller, async (signal) => {
        const command = new DeleteObjectCommand({ Bucket, Key: key });
        await client.send(command, { abortSignal: signal }).catch(nullIfMissing);
      });
    },

    list(prefix, { after, limit = 1_000, signal: caller } = {}) {
      return bounded(`list ${prefix}`, caller, async (signal) => {
        // Continue by key, because the continuation token of the store may expire.
        const command = new ListObjectsV2Command({
          Bucket,
          Prefix: prefix,
          StartAfter: after ?? undefined,
          MaxKeys: limit,
        });
        const { Contents = [], IsTruncated } = await client.send(command, { abortSignal: signal });
        const objects = Contents.map(({ Key = '', Size = 0, LastModified = new Date() }) => ({
          key: Key,
          size: Size,
          modifiedAt: LastModified,
        }));
        return { objects, next: (IsTruncated && objects.at(-1)?.key) || null };
      });
    },

    close: () => client.destroy(),
  };
}

/** The key exists. If it holds the same bytes, an earlier try succeeded and its answer was lost. */
async function assertSameObject(
  client: S3Client,
  Bucket: string,
  Key: string,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const there = await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal });
  if (there.Metadata?.sha256 === sha256) return;
  throw new StorageUnavailable(`put ${Key}: another object is stored under this key`);
}

/** Reads to the end or destroys the stream, because an unread body keeps its connection open. */
async function readBody(
  body: Readable,
  announcedBytes: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | 'too_large'> {
  if (announcedBytes > maxBytes) {
    body.destroy();
    return 'too_large';
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, body)) {
    size += chunk.length;
    if (size > maxBytes) return 'too_large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function typeOf({ ContentType }: { ContentType?: string }): string {
  return ContentType ?? 'application/octet-stream';
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
