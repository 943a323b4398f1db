/** Encoded picture bytes and their type as far as it is known. */
export interface Picture {
  bytes: Buffer;
  mimeType: string;
}
