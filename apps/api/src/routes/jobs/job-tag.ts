import { createHash } from 'node:crypto';

/** The ETag of a job's representation: its version, for whoever waits for the next, and a hash of all of it. */
export function jobTag(version: number, body: string): string {
  return `"${version}-${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Whether an If-None-Match names this tag. Compared weakly: a proxy that compresses marks tags as weak. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  return ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).includes(tag));
}

/** The versions that the tags of an If-None-Match name. */
export function versionsOf(ifNoneMatch: string | undefined): number[] {
  return tagsOf(ifNoneMatch).flatMap((tag) => {
    const version = /^"(\d{1,9})-[\w-]{22}"$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

function tagsOf(ifNoneMatch: string | undefined): string[] {
  return ifNoneMatch?.match(/"[^"]*"/g) ?? [];
}
