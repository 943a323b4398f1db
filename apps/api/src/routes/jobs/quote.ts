import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import type { JobRequest } from '@darkroom/core/job/request';
import { canMake, chainFor } from '@darkroom/core/models/catalog';
import { invalid } from '../../problem/invalid.ts';

export interface Quote {
  /** The model that will be tried first. */
  model: string;
  /** In credits; no fallback will make it dearer. */
  price: number;
}

/** Price and first model of a request. @throws ProblemError invalid_request where no model can make it */
export function quoteFor(
  request: Pick<JobRequest, 'model' | 'fallback' | 'aspect_ratio' | 'image_size'>,
  offer: { models: readonly string[]; creditCosts: CreditCosts },
): Quote {
  const { model: requested, fallback, aspect_ratio: aspectRatio, image_size: imageSize } = request;
  const candidates = requested === null ? offer.models : [requested];
  if (!candidates.every((model) => offer.models.includes(model))) {
    throw invalid('model', `Must be one of: ${offer.models.join(', ')}.`);
  }
  const able = (shape: { aspectRatio: string | null; imageSize: string | null }) =>
    candidates.some((model) => canMake(model, shape));
  if (!able({ aspectRatio, imageSize: null })) {
    throw invalid('aspect_ratio', 'The model cannot make this aspect ratio.');
  }
  if (!able({ aspectRatio, imageSize })) {
    throw invalid('image_size', 'The model cannot make this size.');
  }
  const [model] = chainFor({ requested, fallback, aspectRatio, imageSize, configured: offer.models });
  if (model === undefined) throw new Error('a model that can make the shape is in the chain');
  return { model, price: priceOf(offer.creditCosts, model, imageSize) };
}
