import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';

/** A complete, decoded request that is not checked yet. */
export interface S3Request {
  method: string;
  /** Decoded, `/bucket/key`. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

const LARGEST_BODY_BYTES = 200 * 1024 * 1024;

/** Reads a whole request, so that an interrupted upload never leaves half an object. */
export async function readRequest(incoming: IncomingMessage): Promise<S3Request> {
  const [rawPath = '/', rawQuery = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  return {
    method: incoming.method ?? 'GET',
    path: decodePath(rawPath),
    // In a signed query a plus is a plus; only %20 is a space.
    query: new URLSearchParams(rawQuery.replaceAll('+', '%2B')),
    headers: incoming.headers as Record<string, string | undefined>,
    body: await readBody(incoming),
  };
}

/**
 * Splits `/bucket/key`; the key is '' for the bucket itself.
 * @throws S3Error for another bucket and for keys that cannot be stored as separate files.
 */
export function locate(path: string, bucket: string): string {
  const [, name = '', ...rest] = path.split('/');
  if (name !== bucket) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
  return checkKey(rest.join('/'));
}

/** @throws S3Error for keys that cannot be stored as separate files. */
export function checkKey(key: string): string {
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError', 'Your key is too long.');
  const impossible = (part: string) =>
    part === '' || part === '.' || part === '..' || /\0|\._S3rver_/.test(part);
  if (key !== '' && key.split('/').some(impossible)) {
    throw new S3Error('InvalidURI', 'This stand-in cannot keep keys with empty, dotted or reserved parts.');
  }
  return key;
}

export function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new S3Error('InvalidURI', 'The path is not encoded correctly.');
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) throw new S3Error('EntityTooLarge', 'The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
