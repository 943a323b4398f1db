import { createHash } from 'node:crypto';

/** The ETag of a job response: the job's version, which `?wait=` reads, and a hash of the body. */
export function jobEtag(version: number, body: string): string {
  return `"${version}-${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Weak comparison (RFC 9110): a proxy that compresses marks ETags as weak. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || etagsOf(ifNoneMatch).includes(etag));
}

/** The job versions in the ETags of an If-None-Match. */
export function versionsOf(ifNoneMatch: string | undefined): number[] {
  return etagsOf(ifNoneMatch).flatMap((etag) => {
    const version = /^"(\d{1,9})-[\w-]{22}"$/.exec(etag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

function etagsOf(ifNoneMatch: string | undefined): string[] {
  return ifNoneMatch?.match(/"[^"]*"/g) ?? [];
}
