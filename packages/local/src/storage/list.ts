import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Backend } from './backend.ts';
import { escapeXml, S3Error } from './s3-error.ts';

const SUFFIX = '._S3rver_object';

/**
 * Answers ListObjectsV2 from the folder of s3rver. The listing of s3rver sorts by folder instead of by key, so its pages
 * miss keys, and its continuation tokens need a cipher that newer Node versions do not have.
 * @returns the XML of one page.
 */
export async function listObjects(
  where: { directory: string; bucket: string; backend: Backend },
  query: URLSearchParams,
): Promise<string> {
  if (query.get('list-type') !== '2') throw new S3Error('NotImplemented', 'Only list-type=2 is served here.');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token ? Buffer.from(token, 'base64url').toString() : (query.get('start-after') ?? '');
  const limit = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  if (!Number.isInteger(limit) || limit < 0)
    throw new S3Error('InvalidArgument', 'max-keys must be a number.');

  const keys = await readKeys(join(where.directory, where.bucket));
  const entries = group(keys, prefix, delimiter).filter((entry) => compare(entry.name, after) > 0);
  const page = entries.slice(0, limit);
  const truncated = page.length < entries.length && limit > 0;
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : escapeXml;
  const next = Buffer.from(page.at(-1)?.name ?? '').toString('base64url');

  const contents = await Promise.all(
    page.filter((entry) => !entry.folder).map((entry) => describe(entry.name)),
  );
  const folders = page.filter((entry) => entry.folder);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${where.bucket}</Name><Prefix>${encode(prefix)}</Prefix><MaxKeys>${limit}</MaxKeys>`,
    delimiter && `<Delimiter>${encode(delimiter)}</Delimiter>`,
    encode === escapeXml ? '' : '<EncodingType>url</EncodingType>',
    `<KeyCount>${page.length}</KeyCount><IsTruncated>${truncated}</IsTruncated>`,
    truncated ? `<NextContinuationToken>${next}</NextContinuationToken>` : '',
    ...contents,
    ...folders.map((entry) => `<CommonPrefixes><Prefix>${encode(entry.name)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');

  async function describe(key: string): Promise<string> {
    const found = await where.backend.metadata(key).catch(() => null);
    if (!found) return '';
    const modified = new Date(found['last-modified']).toISOString();
    return `<Contents><Key>${encode(key)}</Key><LastModified>${modified}</LastModified><ETag>${escapeXml(found.etag)}</ETag><Size>${found['content-length']}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  }
}

async function readKeys(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length).replaceAll(sep, '/'))
    .sort(compare);
}

/** The keys with the prefix; keys with a later delimiter are grouped into one entry. */
function group(keys: string[], prefix: string, delimiter: string): { name: string; folder: boolean }[] {
  const entries = new Map<string, boolean>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (end < 0) entries.set(key, false);
    else entries.set(key.slice(0, end + delimiter.length), true);
  }
  return [...entries].map(([name, folder]) => ({ name, folder }));
}

/** S3 orders keys by their UTF-8 bytes. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
