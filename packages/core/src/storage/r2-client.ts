import { isIP } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface R2Connection {
  /** `https://<account>.r2.cloudflarestorage.com`, or any other S3 service. May end with the bucket as its path. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  /** The time limit of a call in milliseconds, including retries and the body. Default 30,000. */
  requestTimeoutMs?: number;
  /** Puts the bucket into the path instead of the host name. Default: only for hosts without subdomains. */
  forcePathStyle?: boolean;
}

export const defaultRequestTimeoutMs = 30_000;

/** Creates an S3 client for R2: without extra checksums, and with a timeout for every wait. */
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
    // Otherwise it waits for "100 Continue", on a separate connection, before every large image.
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

/** The dashboard shows the endpoint with the bucket name as its path. */
function withoutBucket(endpoint: string, bucket: string): string {
  const url = new URL(endpoint);
  if (url.pathname.replace(/\/$/, '') === `/${bucket}`) url.pathname = '/';
  return url.href.replace(/\/$/, '');
}

function isBareHost(hostname: string): boolean {
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress || !hostname.includes('.') || hostname.endsWith('.localhost');
}
