import type { Backend, BackendAnswer } from './backend.ts';
import { checkKey, locate, type S3Request } from './request.ts';
import { escapeXml, S3Error } from './s3-error.ts';
import type { Serialize } from './serialize.ts';

const STORED = /^(content-(type|disposition|encoding|language)|cache-control|expires|x-amz-meta-.+)$/;
const COPY = /^x-amz-(copy-source|metadata-directive)$/;
const READ = /^(range|if-none-match|if-modified-since)$/;
const LARGEST_METADATA_BYTES = 8192;

/** The operations on objects of one bucket. Requests are authorized already. */
export function createObjects(deps: { backend: Backend; bucket: string; serialize: Serialize }) {
  const { backend, bucket, serialize } = deps;

  /** Concurrent writes to one key are serialized, so that `If-None-Match: *` lets exactly one through. */
  async function put(key: string, request: S3Request): Promise<BackendAnswer> {
    const headers = pick(request, STORED);
    const copy = pick(request, COPY);
    if (copy['x-amz-copy-source'])
      locate(`/${decodeURI(copy['x-amz-copy-source']).replace(/^\//, '')}`, bucket);
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
    if (metadata.join('').length > LARGEST_METADATA_BYTES) {
      throw new S3Error(
        'MetadataTooLarge',
        'Your metadata headers exceed the maximum allowed metadata size.',
      );
    }
    return await serialize(key, async () => {
      await checkPreconditions(key, request);
      return await inFolders(() => backend.send('PUT', key, { ...headers, ...copy }, request.body));
    });
  }

  async function checkPreconditions(key: string, request: S3Request): Promise<void> {
    const noneMatch = request.headers['if-none-match'];
    if (request.headers['if-match'] || (noneMatch && noneMatch !== '*')) {
      throw new S3Error(
        'NotImplemented',
        'Of the conditions on writing, only If-None-Match: * is served here.',
      );
    }
    if (noneMatch && (await backend.send('HEAD', key)).status === 200) {
      throw new S3Error(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
      );
    }
  }

  /** Reads wait for a write of the same key, because s3rver would serve half an object. */
  async function read(key: string, request: S3Request): Promise<BackendAnswer> {
    const answer = await serialize(key, () => backend.send(request.method, key, pick(request, READ)));
    if (answer.status >= 300) return answer;
    const overrides = [...request.query].filter(([name]) => name.startsWith('response-'));
    for (const [name, value] of overrides) answer.headers[name.slice('response-'.length)] = value;
    return answer;
  }

  function remove(key: string): Promise<BackendAnswer> {
    return serialize(key, () => inFolders(() => backend.send('DELETE', key)));
  }

  /** One by one: the multi-object delete of s3rver fails on folders that another deletion removed. */
  async function removeMany(request: S3Request): Promise<BackendAnswer> {
    const keys = [...request.body.toString().matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key = '']) =>
      unescapeXml(key),
    );
    if (keys.length === 0 || keys.length > 1000) throw new S3Error('MalformedXML', 'Name 1 to 1000 keys.');
    for (const key of keys) await remove(checkKey(key));
    const deleted = keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`).join('');
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult>${deleted}</DeleteResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
  }

  /** s3rver removes a folder with its last object, even while another write needs it. */
  function inFolders<T>(work: () => Promise<T>): Promise<T> {
    return serialize('/', work);
  }

  return { put, read, remove, removeMany };
}

/** Presigned URLs have their `x-amz-` headers in the query. */
function pick(request: S3Request, names: RegExp): Record<string, string> {
  const given = [...Object.entries(request.headers), ...request.query];
  return Object.fromEntries(
    given
      .map(([name, value]): [string, string] => [name.toLowerCase(), value ?? ''])
      .filter(([name, value]) => names.test(name) && value !== ''),
  );
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return named[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
