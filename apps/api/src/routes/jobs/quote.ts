import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import type { JobRequest } from '@darkroom/core/job/request';
import { canMake, chainFor } from '@darkroom/core/models/catalog';
import { invalidField } from '../../problem/validation.ts';

export interface Quote {
  /** The model that is tried first. */
  model: string;
  /** In credits. A fallback never costs more. */
  price: number;
}

/** Price and first model of a request. @throws ProblemError invalid_request if no model can make it */
export function quoteFor(
  request: Pick<JobRequest, 'model' | 'fallback' | 'aspect_ratio' | 'image_size'>,
  offered: { models: readonly string[]; creditCosts: CreditCosts },
): Quote {
  const { model: requested, fallback, aspect_ratio: aspectRatio, image_size: imageSize } = request;
  const candidates = requested === null ? offered.models : [requested];
  if (!candidates.every((model) => offered.models.includes(model))) {
    throw invalidField('model', `Must be one of: ${offered.models.join(', ')}.`);
  }
  const able = (shape: { aspectRatio: string | null; imageSize: string | null }) =>
    candidates.some((model) => canMake(model, shape));
  if (!able({ aspectRatio, imageSize: null })) {
    throw invalidField(
      'aspect_ratio',
      'The model cannot make this aspect ratio. GET /v1/models lists the ratios of each model.',
    );
  }
  if (!able({ aspectRatio, imageSize })) {
    throw invalidField(
      'image_size',
      'The model cannot make this size. GET /v1/models lists the sizes of each model.',
    );
  }
  const [model] = chainFor({ requested, fallback, aspectRatio, imageSize, configured: offered.models });
  if (model === undefined) throw new Error('the model chain is empty although a model can make the shape');
  return { model, price: priceOf(offered.creditCosts, model, imageSize) };
}
