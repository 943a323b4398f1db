import type { UploadBody } from '../http/fetch.ts';
import { type Http, sizeOf } from '../http/http.ts';

/** Leave to upload one object of one type and length. */
export interface UploadTicket {
  /** What a job takes as `input_image_key`. */
  key: string;
  url: string;
  method: string;
  /** To be sent exactly so. */
  headers: Record<string, string>;
  expires_at: string;
}

export interface Uploads {
  /** Asks for leave; `content_length` in bytes. */
  create(upload: { content_type: string; content_length: number }): Promise<UploadTicket>;
  /**
   * Uploads an image straight to the bucket. Give the type where the image is no Blob that knows its own.
   * @throws DarkroomError, among them `upload_failed` when the bucket refuses
   */
  put(
    image: Exclude<UploadBody, string>,
    options?: { contentType?: string; signal?: AbortSignal },
  ): Promise<{ key: string }>;
}

export function createUploads(http: Pick<Http, 'send' | 'put'>): Uploads {
  return {
    create: (upload) => http.send('POST', '/v1/uploads', { body: upload }),
    async put(image, { contentType, signal } = {}) {
      const content_type = contentType ?? ('type' in image ? image.type : '');
      const { key, url, headers } = await http.send<UploadTicket>('POST', '/v1/uploads', {
        body: { content_type, content_length: sizeOf(image) },
        signal,
      });
      await http.put(url, { headers, body: image, signal });
      return { key };
    },
  };
}
