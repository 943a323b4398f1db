/**
 * Detects the media type by the first bytes; null when it is not a supported image type.
 * Nothing else may reach the decoder: SVG and PDF, for example, can make it read other files.
 */
export function recognizeImage(bytes: Buffer): string | null {
  const rule = rules.find(({ matches }) => matches(bytes));
  return rule?.mimeType ?? null;
}

const rules: readonly { mimeType: string; matches: (bytes: Buffer) => boolean }[] = [
  { mimeType: 'image/png', matches: (bytes) => startsWith(bytes, '89504e470d0a1a0a') },
  { mimeType: 'image/jpeg', matches: (bytes) => startsWith(bytes, 'ffd8ff') },
  {
    mimeType: 'image/webp',
    matches: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP',
  },
  { mimeType: 'image/gif', matches: (bytes) => ['GIF87a', 'GIF89a'].includes(ascii(bytes, 0, 6)) },
  {
    mimeType: 'image/avif',
    matches: (bytes) => ascii(bytes, 4, 8) === 'ftyp' && ascii(bytes, 8, 12) === 'avif',
  },
];

function startsWith(bytes: Buffer, hex: string): boolean {
  return bytes.subarray(0, hex.length / 2).toString('hex') === hex;
}

function ascii(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
