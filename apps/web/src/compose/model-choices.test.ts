import type { Model } from '@darkroom/client';
import { expect, it } from 'vitest';
import { choices, firstModel, modelName, usualRatios, usualSizes } from './model-choices.ts';

const models: Model[] = [
  {
    id: 'lite',
    sizes: ['1K'],
    aspect_ratios: ['1:1'],
    price: { '1K': 1 },
    available: true,
    recent_median_seconds: null,
  },
  {
    id: 'pro',
    sizes: ['1K', '4K'],
    aspect_ratios: ['1:1', '16:9'],
    price: { '1K': 3, '4K': 9 },
    available: false,
    recent_median_seconds: 7.2,
  },
];

it('prices an image by the model that is tried first', () => {
  const shape = { model: '', ratio: '1:1', size: '1K' };
  expect(firstModel(models, shape)?.id).toBe('lite');
  expect(firstModel(models, { ...shape, size: '4K' })?.price['4K']).toBe(9);
  expect(firstModel(models, { ...shape, ratio: '16:9' })?.id).toBe('pro');
  expect(firstModel(models, { ...shape, model: 'pro' })?.id).toBe('pro');
  expect(firstModel([], shape)).toBeNull();
});

it('offers what the chosen model can make, and everything usual when no models are known', () => {
  expect(choices(models, 'lite')).toEqual({ ratios: ['1:1'], sizes: ['1K'] });
  expect(choices(models, '')).toEqual({ ratios: ['1:1', '16:9'], sizes: ['1K', '4K'] });
  expect(choices([], '')).toEqual({ ratios: usualRatios, sizes: usualSizes });
});

it('makes model names readable', () => {
  expect(modelName('gemini-3.1-flash-lite-image')).toBe('3.1 Flash Lite');
  expect(modelName('gemini-nano-banana-2.1')).toBe('Nano Banana 2.1');
});
