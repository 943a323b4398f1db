import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createR2Client, type R2Connection } from './r2-client.ts';

export interface SignedUpload {
  url: string;
  method: 'PUT';
  /** To be sent exactly so: they are part of the signature, as is the length, which every client sends. */
  headers: Record<string, string>;
  /** ISO 8601. */
  expires_at: string;
}

/** How long an address to upload to is good for, in milliseconds. */
export const uploadLifetimeMs = 10 * 60_000;

export interface UploadSigner {
  /** Lets whoever holds the answer upload one object of this very type and length in bytes, for a while. */
  sign(upload: { key: string; contentType: string; contentLength: number }): Promise<SignedUpload>;
  close(): void;
}

/** Signs uploads that go straight to the bucket. Works offline: nothing is sent. */
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
        // Without its name here the type would be left out of the signature, and any could be sent.
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
