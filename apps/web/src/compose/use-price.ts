import type { Model } from '@darkroom/client';
import { useEffect, useState } from 'react';
import { useStudio } from '../studio/context.tsx';
import { firstModel, type Shape } from './offer.ts';

const restMs = 250;

/** What an image of this shape costs, in credits: by the list of models, else by asking; null until it is known. */
export function usePrice(offer: readonly Model[], shape: Shape): number | null {
  const { darkroom } = useStudio();
  const { model, ratio, size } = shape;
  const listed = firstModel(offer, shape)?.price[size] ?? null;
  const [asked, setAsked] = useState<number | null>(null);

  useEffect(() => {
    if (listed !== null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      darkroom
        .quote(
          { prompt: 'a price', model: model || null, aspect_ratio: ratio, image_size: size },
          { signal: controller.signal },
        )
        .then(({ price }) => setAsked(price))
        .catch(() => {
          if (!controller.signal.aborted) setAsked(null);
        });
    }, restMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [darkroom, listed, model, ratio, size]);

  return listed ?? asked;
}
