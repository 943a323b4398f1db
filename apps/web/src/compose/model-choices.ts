import type { Model } from '@darkroom/client';

export interface Shape {
  /** Empty leaves the choice to the API. */
  model: string;
  ratio: string;
  size: string;
}

/** What every image model can make, for an API without a list of models. */
export const usualRatios = ['1:1', '4:5', '3:4', '2:3', '9:16', '5:4', '4:3', '3:2', '16:9', '21:9'];
export const usualSizes = ['1K', '2K', '4K'];

/** The model that is tried first: the chosen one, else the first that can make the shape. */
export function firstModel(models: readonly Model[], { model, ratio, size }: Shape): Model | null {
  const fits = (one: Model) => one.aspect_ratios.includes(ratio) && one.sizes.includes(size);
  return models.find((one) => (model ? one.id === model : fits(one))) ?? null;
}

/** The ratios and sizes of this model, or of all models, in the usual order. */
export function choices(models: readonly Model[], model: string): { ratios: string[]; sizes: string[] } {
  if (models.length === 0) return { ratios: usualRatios, sizes: usualSizes };
  const able = model ? models.filter(({ id }) => id === model) : models;
  const has = (of: 'aspect_ratios' | 'sizes', value: string) => able.some((one) => one[of].includes(value));
  return {
    ratios: usualRatios.filter((ratio) => has('aspect_ratios', ratio)),
    sizes: usualSizes.filter((size) => has('sizes', size)),
  };
}

/** "3.1 Flash Lite" for "gemini-3.1-flash-lite-image". */
export function modelName(id: string): string {
  return id
    .replace(/^gemini-/, '')
    .replace(/-image(-preview)?$/, '')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
