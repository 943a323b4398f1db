import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createR2Client, type R2Connection } from './r2-client.ts';

export interface SignedUpload {
  url: string;
  method: 'PUT';
  /** Must be sent unchanged, since they are signed. The length is signed too; every client sends it. */
  headers: Record<string, string>;
  /** ISO 8601. */
  expires_at: string;
}

/** How long an upload URL is valid, in milliseconds. */
export const uploadLifetimeMs = 10 * 60_000;

export interface UploadSigner {
  /** Signs a URL for the upload of one object with exactly this type and length in bytes, valid until it expires. */
  sign(upload: { key: string; contentType: string; contentLength: number }): Promise<SignedUpload>;
  close(): void;
}

/** Creates a signer for uploads directly to the bucket. Signing sends no requests. */
export function createUploadSigner(
  connection: R2Connection,
  { expiresInMs = uploadLifetimeMs, now = Date.now }: { expiresInMs?: number; now?: () => number } = {},
): UploadSigner {
  const client = createR2Client(connection);
  return {
    async sign({ key, contentType, contentLength }) {
      const signingDate = new Date(now());
      const url = await getSignedUrl(
        client,
        new PutObjectCommand({
          Bucket: connection.bucket,
          Key: key,
          ContentType: contentType,
          ContentLength: contentLength,
        }),
        // Unless it is named here, the type is not signed and a client could send any type.
        {
          expiresIn: Math.floor(expiresInMs / 1000),
          signableHeaders: new Set(['content-type']),
          signingDate,
        },
      );
      return {
        url,
        method: 'PUT',
        headers: { 'content-type': contentType },
        expires_at: new Date(signingDate.getTime() + expiresInMs).toISOString(),
      };
    },
    close: () => client.destroy(),
  };
}
