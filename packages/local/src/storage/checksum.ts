import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { S3Request } from './request.ts';
import { S3Error } from './s3-error.ts';

const KNOWN: Record<string, (body: Buffer) => Buffer> = {
  'content-md5': (body) => createHash('md5').update(body).digest(),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest(),
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest(),
  'x-amz-checksum-crc32': (body) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return sum;
  },
};

/**
 * Checks every checksum of a request, in its headers or in its presigned URL.
 * @throws S3Error `BadDigest` when the body differs.
 */
export function verifyChecksums(request: S3Request): void {
  for (const [name, value] of [...Object.entries(request.headers), ...request.query]) {
    const header = name.toLowerCase();
    if (value === undefined || !/^(content-md5|x-amz-checksum-(?!mode|algorithm|type).+)$/.test(header))
      continue;
    const digest = KNOWN[header];
    if (!digest) throw new S3Error('NotImplemented', `${header} is not served here.`);
    if (digest(request.body).toString('base64') !== value) {
      throw new S3Error('BadDigest', `The ${header} you specified did not match the body we received.`);
    }
  }
}
