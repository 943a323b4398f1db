import type { UploadBody } from '../http/fetch.ts';
import { type Http, sizeOf } from '../http/http.ts';

/** A signed URL to upload one object of one type and length. */
export interface UploadTicket {
  /** The `input_image_key` of a job. */
  key: string;
  url: string;
  method: string;
  /** Send exactly these. */
  headers: Record<string, string>;
  expires_at: string;
}

export interface Uploads {
  /** Creates a signed URL; `content_length` in bytes. */
  create(upload: { content_type: string; content_length: number }): Promise<UploadTicket>;
  /**
   * Uploads an image directly to the bucket. Pass `contentType` unless the image is a Blob with a type.
   * @throws DarkroomError, `upload_failed` when the bucket rejects it
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
