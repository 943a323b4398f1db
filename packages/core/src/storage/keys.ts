/** Where the result of one attempt goes; no other attempt ever writes there. */
export function resultKeys(of: {
  userId: string;
  jobId: string;
  attempt: number;
  /** Unguessable: whoever knows the key can read the object. Letters, digits, `_` and `-`. */
  random: string;
  mimeType: string;
}): { key: string; thumbnailKey: string } {
  const stem = `${userFolder(of.userId)}jobs/${of.jobId}/${of.attempt}-${of.random}`;
  return { key: `${stem}.${extensionOf(of.mimeType)}`, thumbnailKey: `${stem}-thumb.webp` };
}

/** Where a user's upload goes. */
export function uploadKey({ userId, random, ext }: { userId: string; random: string; ext: string }): string {
  return `${userFolder(userId)}uploads/${random}.${ext}`;
}

/** Whether a key lies among those of this user. */
export function ownsKey(userId: string, key: string): boolean {
  const prefix = userFolder(userId);
  if (!key.startsWith(prefix) || Buffer.byteLength(key) > longestKeyBytes) return false;
  return key.slice(prefix.length).split('/').every(isPlainSegment);
}

/** File name extension of a media type, without the dot; `bin` for one that is not known. */
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
 * `users/<id>/`, with the id as one safe segment. Ids of letters, digits, `_` and `-` stay as they are; any
 * other byte becomes `~` and its two hex digits, so two users never share a folder.
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
  // Backslashes and control characters mean something else to some reader of the key.
  return !/[\\\p{Cc}]/u.test(segment);
}
