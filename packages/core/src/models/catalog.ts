/** The image sizes and aspect ratios that a model can make. */
export interface ModelAbilities {
  /** The sizes that a request may name. The first is the default. */
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

/** New models appear between releases, so an unlisted model is assumed to support everything. */
const unknownModel: ModelAbilities = {
  imageSizes: ['1K', '2K', '4K'],
  aspectRatios: [...usualRatios, ...stripRatios],
};

/** The abilities of a model. An unlisted model is assumed to have all of them. */
export function abilitiesOf(model: string): ModelAbilities {
  return catalog.get(model) ?? unknownModel;
}

/** The requested shape of an image; null leaves the choice to the model. */
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
 * The models to try for a job, in order and without repeats: the requested model, even if it is not listed for the shape,
 * then every configured model that can make the shape. `fallback: false` keeps only the first of them.
 * Empty when no model can make the shape.
 */
export function chainFor(
  order: ImageShape & { requested: string | null; fallback: boolean; configured: readonly string[] },
): string[] {
  const able = order.configured.filter((model) => canMake(model, order));
  const chain = order.requested === null ? able : [order.requested, ...able];
  return [...new Set(order.fallback ? chain : chain.slice(0, 1))];
}
