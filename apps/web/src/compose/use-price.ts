import type { Model } from '@darkroom/client';
import { useEffect, useState } from 'react';
import { useStudio } from '../studio/context.tsx';
import { firstModel, type Shape } from './model-choices.ts';

const debounceMs = 250;

/** The price of an image of this shape, in credits: from the list of models, else from a quote; null until known. */
export function usePrice(models: readonly Model[], shape: Shape): number | null {
  const { darkroom } = useStudio();
  const { model, ratio, size } = shape;
  const listed = firstModel(models, shape)?.price[size] ?? null;
  const [quoted, setQuoted] = useState<number | null>(null);

  useEffect(() => {
    if (listed !== null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      darkroom
        .quote(
          { prompt: 'a price', model: model || null, aspect_ratio: ratio, image_size: size },
          { signal: controller.signal },
        )
        .then(({ price }) => setQuoted(price))
        .catch(() => {
          if (!controller.signal.aborted) setQuoted(null);
        });
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [darkroom, listed, model, ratio, size]);

  return listed ?? quoted;
}
