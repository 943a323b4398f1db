import type { Model } from '@darkroom/client';

/** A model as `GET /v1/models` tells of it. */
export interface OfferedModel {
  id: string;
  sizes: string[];
  ratios: string[];
  /** In credits, by size. */
  price: Record<string, number>;
  available: boolean;
  medianSeconds: number | null;
}

export interface Shape {
  /** Empty leaves the choice to the API. */
  model: string;
  ratio: string;
  size: string;
}

/** What every image model can make, for an API that does not say. */
export const usualRatios = ['1:1', '4:5', '3:4', '2:3', '9:16', '5:4', '4:3', '3:2', '16:9', '21:9'];
export const usualSizes = ['1K', '2K', '4K'];

export function readOffer(models: readonly Model[] | null): OfferedModel[] {
  return (models ?? []).map(({ id, ...facts }) => ({
    id,
    sizes: strings(facts.sizes) ?? usualSizes,
    ratios: strings(facts.aspect_ratios) ?? usualRatios,
    price: (facts.price ?? {}) as Record<string, number>,
    available: facts.available !== false,
    medianSeconds: typeof facts.recent_median_seconds === 'number' ? facts.recent_median_seconds : null,
  }));
}

/** The model that will be asked first: the chosen one, else the first that can make the shape. */
export function firstModel(
  offer: readonly OfferedModel[],
  { model, ratio, size }: Shape,
): OfferedModel | null {
  const able = (one: OfferedModel) => one.ratios.includes(ratio) && one.sizes.includes(size);
  return offer.find((one) => (model ? one.id === model : able(one))) ?? null;
}

/** The ratios and sizes that can be chosen with this model, in the usual order. */
export function choices(
  offer: readonly OfferedModel[],
  model: string,
): { ratios: string[]; sizes: string[] } {
  if (offer.length === 0) return { ratios: usualRatios, sizes: usualSizes };
  const able = model ? offer.filter(({ id }) => id === model) : offer;
  const has = (of: 'ratios' | 'sizes', value: string) => able.some((one) => one[of].includes(value));
  return {
    ratios: usualRatios.filter((ratio) => has('ratios', ratio)),
    sizes: usualSizes.filter((size) => has('sizes', size)),
  };
}

/** "gemini-3.1-flash-lite-image" is "3.1 Flash Lite" to people. */
export function modelName(id: string): string {
  return id
    .replace(/^gemini-/, '')
    .replace(/-image(-preview)?$/, '')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function strings(value: unknown): string[] | null {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : null;
}
