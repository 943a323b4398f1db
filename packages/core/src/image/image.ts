/** Encoded image bytes and their media type, which may be wrong until the image is inspected. */
export interface Image {
  bytes: Buffer;
  mimeType: string;
}
