/** The keys for the result of one attempt. No other attempt writes to them. */
export function resultKeys(of: {
  userId: string;
  jobId: string;
  attempt: number;
  /** Must be unguessable: anyone who knows the key can read the object. Letters, digits, `_` and `-`. */
  random: string;
  mimeType: string;
}): { key: string; thumbnailKey: string } {
  const stem = `${userFolder(of.userId)}jobs/${of.jobId}/${of.attempt}-${of.random}`;
  return { key: `${stem}.${extensionOf(of.mimeType)}`, thumbnailKey: `${stem}-thumb.webp` };
}

/** The key for an upload of a user. */
export function uploadKey({ userId, random, ext }: { userId: string; random: string; ext: string }): string {
  return `${userFolder(userId)}uploads/${random}.${ext}`;
}

/** Whether a key is in the folder of this user. */
export function ownsKey(userId: string, key: string): boolean {
  const prefix = userFolder(userId);
  if (!key.startsWith(prefix) || Buffer.byteLength(key) > longestKeyBytes) return false;
  return key.slice(prefix.length).split('/').every(isPlainSegment);
}

/** The file name extension of a media type, without the dot; `bin` for an unknown type. */
export function extensionOf(mimeType: string): string {
  return extensions[mimeType] ?? 'bin';
}

const longestKeyBytes = 1024;

const extensions: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

/**
 * `users/<id>/`, with the id as one safe segment. Letters, digits, `_` and `-` are unchanged; every other byte becomes `~`
 * and two hex digits, so two users never share a folder.
 * @throws Error when the id is empty.
 */
export function userFolder(userId: string): string {
  if (userId === '') throw new Error('an object key needs the id of a user');
  const segment = userId.replace(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `~${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `users/${segment}/`;
}

function isPlainSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false;
  // Some software gives backslashes and control characters a special meaning.
  return !/[\\\p{Cc}]/u.test(segment);
}
