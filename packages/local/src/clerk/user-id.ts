import { createHash } from 'node:crypto';

const PREFIX = 'user_local_';

/**
 * The user id of a name. The same name always gives the same id; two names never share one.
 * `alice` is `user_local_alice`; a name that is not a plain lower-case word also carries a hash of itself.
 */
export function userId(name: string): string {
  if (/^[a-z0-9]{1,40}$/.test(name)) return PREFIX + name;
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 32);
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${PREFIX}${safe}_${hash}`;
}

/** The email address of a local user; null for an id that {@link userId} does not make. */
export function emailOf(id: string): string | null {
  const name = new RegExp(`^${PREFIX}([a-z0-9-]*(?:_[0-9a-f]{8})?)$`).exec(id)?.[1];
  return name ? `${name}@example.com` : null;
}
