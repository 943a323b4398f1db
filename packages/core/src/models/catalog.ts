/** What a model can make. */
export interface ModelAbilities {
  /** Sizes it can be asked for; the first is what it makes when none is asked for. */
  imageSizes: readonly string[];
  aspectRatios: readonly string[];
}

const usualRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const stripRatios = ['1:4', '4:1', '1:8', '8:1'];

const catalog = new Map<string, ModelAbilities>([
  [
    'gemini-nano-banana-2.1',
    { imageSizes: ['1K', '2K', '4K'], aspectRatios: [...usualRatios, ...stripRatios] },
  ],
  ['gemini-3-pro-image', { imageSizes: ['1K', '2K', '4K'], aspectRatios: usualRatios }],
  ['gemini-3.1-flash-image', { imageSizes: ['1K', '2K', '4K'], aspectRatios: usualRatios }],
  ['gemini-3.1-flash-lite-image', { imageSizes: ['1K'], aspectRatios: usualRatios }],
]);

/** Models come and go faster than releases: one that is not listed is trusted to do all that any can. */
const unknownModel: ModelAbilities = {
  imageSizes: ['1K', '2K', '4K'],
  aspectRatios: [...usualRatios, ...stripRatios],
};

/** What this model can make; for a model that is not listed, all that any model can. */
export function abilitiesOf(model: string): ModelAbilities {
  return catalog.get(model) ?? unknownModel;
}

/** What is asked of an image; null leaves the choice to the model. */
export interface ImageShape {
  aspectRatio: string | null;
  imageSize: string | null;
}

/** Whether this model can make an image of this shape. */
export function canMake(model: string, { aspectRatio, imageSize }: ImageShape): boolean {
  const { aspectRatios, imageSizes } = abilitiesOf(model);
  return (
    (aspectRatio === null || aspectRatios.includes(aspectRatio)) &&
    (imageSize === null || imageSizes.includes(imageSize))
  );
}

/**
 * The models to try for a job, in order and without repeats: the one asked for, whatever it can do, then,
 * unless `fallback` is false, those configured that can make the shape. Without a model asked for,
 * `fallback: false` leaves the first configured that can. Empty when no model can.
 */
export function chainFor(
  order: ImageShape & { requested: string | null; fallback: boolean; configured: readonly string[] },
): string[] {
  const able = order.configured.filter((model) => canMake(model, order));
  const chain = order.requested === null ? able : [order.requested, ...able];
  return [...new Set(order.fallback ? chain : chain.slice(0, 1))];
}
