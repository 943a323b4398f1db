import type { Http } from '../http/http.ts';
import type { Page } from '../http/page.ts';

/** A model, and what can be asked of it. */
export interface Model {
  id: string;
  /** Values of `image_size`. */
  sizes: string[];
  /** Values of `aspect_ratio`. */
  aspect_ratios: string[];
  /** Credits, by size. */
  price: Record<string, number>;
  /** Whether it has been answering. */
  available: boolean;
  /** How long an image has been taking of late; null where nobody knows. */
  recent_median_seconds: number | null;
}

/** What can be asked for, in the order in which models stand in for each other. */
export type ListModels = (options?: { signal?: AbortSignal }) => Promise<Page<Model>>;

export function createListModels(http: Pick<Http, 'send'>): ListModels {
  return (options) => http.send('GET', '/v1/models', options);
}
