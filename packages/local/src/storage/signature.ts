import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { S3Request } from './request.ts';
import { S3Error } from './s3-error.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The signature of a request and its parameters, from its headers or its query. */
interface Claim {
  accessKeyId: string;
  /** `date/region/service/aws4_request` */
  scope: string[];
  signedHeaders: string[];
  signature: string;
  signedAt: Date;
  /** Only in presigned URLs. */
  expiresInSeconds: number | null;
  payloadHash: string;
}

const SKEW_MS = 15 * 60_000;
const LONGEST_EXPIRY_SECONDS = 604_800;

/**
 * Checks the version 4 signature of a request, in its headers or in its query, as S3 does: the key id, the age, that
 * every `x-amz-` header is signed, the signature itself, and the hash of the body.
 * @throws S3Error that names the failed check.
 */
export async function verifySignature(
  request: S3Request,
  credentials: Credentials,
  now: Date,
): Promise<void> {
  const claim = readClaim(request);
  if (claim.accessKeyId !== credentials.accessKeyId) {
    throw new S3Error('InvalidAccessKeyId', 'The access key id you provided does not exist in our records.');
  }
  checkAge(claim, now);
  checkCoverage(claim, request);
  const signature = await sign(claim, request, credentials);
  if (!sameText(signature, claim.signature)) {
    throw new S3Error(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  checkPayload(claim, request);
}

function readClaim(request: S3Request): Claim {
  const inHeader = request.headers.authorization;
  const inQuery = request.query.has('X-Amz-Algorithm');
  if (inHeader && inQuery)
    throw new S3Error('InvalidArgument', 'Only one authentication mechanism is allowed.');
  if (inHeader) return readHeader(request, inHeader);
  if (inQuery) return readQuery(request);
  throw new S3Error('AccessDenied', 'Access Denied');
}

function readHeader(request: S3Request, authorization: string): Claim {
  const [algorithm, ...rest] = authorization.split(' ');
  const fields = new Map(
    rest
      .join('')
      .split(',')
      .map((field): [string, string] => {
        const at = field.indexOf('=');
        return [field.slice(0, at), field.slice(at + 1)];
      }),
  );
  const [accessKeyId, ...scope] = (fields.get('Credential') ?? '').split('/');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (
    algorithm !== 'AWS4-HMAC-SHA256' ||
    !accessKeyId ||
    scope.length !== 4 ||
    !signedHeaders ||
    !signature
  ) {
    throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header you provided is malformed.');
  }
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (!payloadHash) throw new S3Error('InvalidRequest', 'Missing required header x-amz-content-sha256.');
  return {
    accessKeyId,
    scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    signedAt: parseDate(request.headers['x-amz-date']),
    expiresInSeconds: null,
    payloadHash,
  };
}

function readQuery(request: S3Request): Claim {
  const need = (name: string): string => {
    const value = request.query.get(name);
    if (!value)
      throw new S3Error('AuthorizationQueryParametersError', `The query parameter ${name} is missing.`);
    return value;
  };
  const [accessKeyId = '', ...scope] = need('X-Amz-Credential').split('/');
  const expiresInSeconds = Number(need('X-Amz-Expires'));
  const known = need('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' && scope.length === 4;
  if (!known || !(expiresInSeconds >= 1 && expiresInSeconds <= LONGEST_EXPIRY_SECONDS)) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      'The algorithm, credential or expiry is not valid.',
    );
  }
  return {
    accessKeyId,
    scope,
    signedHeaders: need('X-Amz-SignedHeaders').split(';'),
    signature: need('X-Amz-Signature'),
    signedAt: parseDate(need('X-Amz-Date')),
    expiresInSeconds,
    payloadHash: request.query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  };
}

function checkAge(claim: Claim, now: Date): void {
  const ageMs = now.getTime() - claim.signedAt.getTime();
  if (claim.expiresInSeconds === null) {
    if (Math.abs(ageMs) <= SKEW_MS) return;
    throw new S3Error(
      'RequestTimeTooSkewed',
      'The difference between the request time and the time is too large.',
    );
  }
  if (ageMs > claim.expiresInSeconds * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  if (ageMs < -SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
}

/** An unsigned header could have been changed on the way. */
function checkCoverage(claim: Claim, request: S3Request): void {
  const mustCover = Object.keys(request.headers).filter(
    (name) => name === 'host' || name.startsWith('x-amz-'),
  );
  const forgotten = mustCover.filter((name) => !claim.signedHeaders.includes(name));
  if (forgotten.length === 0) return;
  throw new S3Error(
    'AccessDenied',
    `There were headers present which were not signed: ${forgotten.join(', ')}`,
  );
}

function sign(
  claim: Claim,
  request: S3Request,
  { accessKeyId, secretAccessKey }: Credentials,
): Promise<string> {
  const [date, region = '', service = ''] = claim.scope;
  const longDate = claim.signedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  if (!longDate.startsWith(date ?? '?') || service !== 's3') {
    throw new S3Error('AuthorizationHeaderMalformed', 'The credential scope does not fit the request.');
  }
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    longDate,
    claim.scope.join('/'),
    sha256(canonical(claim, request)),
  ];
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
  });
  return signer.sign(stringToSign.join('\n'), { signingDate: claim.signedAt });
}

function canonical(claim: Claim, request: S3Request): string {
  const query = [...request.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const headers = claim.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`,
  );
  const path = request.path.split('/').map(encode).join('/');
  const lines = [request.method, path, query.join('&'), ...headers, '', claim.signedHeaders.join(';')];
  return [...lines, claim.payloadHash].join('\n');
}

function checkPayload(claim: Claim, request: S3Request): void {
  if (claim.payloadHash === 'UNSIGNED-PAYLOAD') return;
  if (claim.payloadHash.startsWith('STREAMING-')) {
    throw new S3Error(
      'NotImplemented',
      'Bodies in signed chunks are not served here: send a body of known length.',
    );
  }
  if (sha256(request.body) !== claim.payloadHash) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 does not match the body.',
    );
  }
}

function parseDate(text: string | undefined): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '');
  if (!parts) throw new S3Error('AccessDenied', 'A valid x-amz-date is required.');
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
