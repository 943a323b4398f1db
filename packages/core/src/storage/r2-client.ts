import { isIP } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface R2Connection {
  /** `https://<account>.r2.cloudflarestorage.com`, or any other S3 service; the bucket's path is tolerated. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  /** The longest any single call may take, in milliseconds, its retries and the body included. Default 30,000. */
  requestTimeoutMs?: number;
  /** Bucket in the path instead of the host name. Default: where the host has no names below it. */
  forcePathStyle?: boolean;
}

export const defaultRequestTimeoutMs = 30_000;

/** The S3 client as R2 needs it: no checksums of its own invention, and nothing that waits forever. */
export function createR2Client(connection: R2Connection): S3Client {
  const { accessKeyId, secretAccessKey, requestTimeoutMs = defaultRequestTimeoutMs } = connection;
  const endpoint = withoutBucket(connection.endpoint, connection.bucket);
  const agent = { keepAlive: true, maxSockets: 64 };
  return new S3Client({
    region: 'auto',
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: connection.forcePathStyle ?? isBareHost(new URL(endpoint).hostname),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would wait for a "100 Continue", on a connection of its own, before every larger image.
    expectContinueHeader: false,
    maxAttempts: 2,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: Math.min(3_000, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
    }),
  });
}

/** The dashboard offers the endpoint with the bucket's name behind it. */
function withoutBucket(endpoint: string, bucket: string): string {
  const url = new URL(endpoint);
  if (url.pathname.replace(/\/$/, '') === `/${bucket}`) url.pathname = '/';
  return url.href.replace(/\/$/, '');
}

function isBareHost(hostname: string): boolean {
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress || !hostname.includes('.') || hostname.endsWith('.localhost');
}
