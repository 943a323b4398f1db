import type { Http } from '../http/http.ts';

export interface Model {
  id: string;
  [fact: string]: unknown;
}

export type ListModels = (options?: { signal?: AbortSignal }) => Promise<{ data: Model[] }>;

/** What can be asked for. */
export function createListModels(http: Pick<Http, 'send'>): ListModels {
  return (options) => http.send('GET', '/v1/models', options);
}
