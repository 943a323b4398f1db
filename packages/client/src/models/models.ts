import type { Http } from '../http/http.ts';
import type { Page } from '../http/page.ts';

/** A model and what it can make. */
export interface Model {
  id: string;
  /** Values of `image_size`. */
  sizes: string[];
  /** Values of `aspect_ratio`. */
  aspect_ratios: string[];
  /** Credits by size. */
  price: Record<string, number>;
  /** Whether it has been answering recently. */
  available: boolean;
  /** Of the images made recently; null when unknown. */
  recent_median_seconds: number | null;
}

/** The models, in the order in which they replace each other. */
export type ListModels = (options?: { signal?: AbortSignal }) => Promise<Page<Model>>;

export function createListModels(http: Pick<Http, 'send'>): ListModels {
  return (options) => http.send('GET', '/v1/models', options);
}
