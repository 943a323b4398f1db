import type { Http } from '../http/http.ts';
import type { Page, PageQuery } from '../http/page.ts';
import { query } from '../http/query.ts';

/** An image in the user's gallery. */
export interface Image {
  id: string;
  image_url: string;
  thumbnail_url: string | null;
  width: number | null;
  height: number | null;
  prompt: string | null;
  model: string | null;
  job_id: string | null;
  created_at: string;
}

export interface Images {
  /** The gallery, newest first. */
  list(page?: PageQuery): Promise<Page<Image>>;
  /** Deletes the image and its files. */
  delete(imageId: string): Promise<void>;
}

export function createImages(http: Pick<Http, 'send' | 'remove'>): Images {
  return {
    list: (page) => http.send('GET', `/v1/images${query(page)}`),
    delete: (imageId) => http.remove(`/v1/images/${encodeURIComponent(imageId)}`),
  };
}
