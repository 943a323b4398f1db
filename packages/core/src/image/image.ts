/** Encoded image bytes and their type as far as it is known. */
export interface Image {
  bytes: Buffer;
  mimeType: string;
}
