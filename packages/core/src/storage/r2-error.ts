import { S3ServiceException } from '@aws-sdk/client-s3';
import { StorageUnavailable } from './storage.ts';

/** The HTTP status of the store's response; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** Whether the object does not exist. False for a missing bucket. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
}

/** Converts an error to StorageUnavailable, with the operation and, for a misconfiguration, what to check. */
export function unavailable(doing: string, error: unknown): StorageUnavailable {
  const cause = error instanceof Error ? error : new Error(String(error));
  const status = statusOf(error);
  const answer = status === undefined ? cause.message : `HTTP ${status} ${cause.name}: ${cause.message}`;
  const advice = isMisconfigured(cause, status)
    ? 'misconfigured: check R2_ENDPOINT, R2_BUCKET_NAME and the R2 access key and its permissions: '
    : '';
  return new StorageUnavailable(`${doing}: ${advice}${answer}`, { cause });
}

const setupErrors: ReadonlySet<string> = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'SignatureDoesNotMatch',
  'Unauthorized',
]);

function isMisconfigured(error: Error, status: number | undefined): boolean {
  return setupErrors.has(error.name) || status === 401 || status === 403;
}
