import { describe, expect, test } from 'vitest';
import { canMake, chainFor } from './catalog.ts';

const anything = { aspectRatio: null, imageSize: null };
const banana = 'gemini-nano-banana-2.1';
const pro = 'gemini-3-pro-image';
const lite = 'gemini-3.1-flash-lite-image';
const configured = [banana, pro, lite];

test.each([
  [lite, { aspectRatio: '16:9', imageSize: '1K' }, true],
  [lite, { aspectRatio: null, imageSize: '2K' }, false],
  [pro, { aspectRatio: '1:1', imageSize: '4K' }, true],
  [pro, { aspectRatio: '8:1', imageSize: null }, false],
  [banana, { aspectRatio: '8:1', imageSize: '4K' }, true],
  [banana, { aspectRatio: '7:5', imageSize: null }, false],
  [banana, { aspectRatio: null, imageSize: '512' }, false],
  ['a-model-of-tomorrow', { aspectRatio: '1:8', imageSize: '4K' }, true],
])('whether %s can make %o is %s', (model, shape, expected) => {
  expect(canMake(model, shape)).toBe(expected);
});

describe('a chain', () => {
  test('begins with the requested model and contains no model twice', () => {
    const chain = chainFor({
      ...anything,
      requested: lite,
      fallback: true,
      configured: [...configured, banana],
    });
    expect(chain).toEqual([lite, banana, pro]);
  });

  test('without fallback contains only the requested model, or the first that can make the shape', () => {
    expect(chainFor({ ...anything, requested: 'x', fallback: false, configured })).toEqual(['x']);
    expect(chainFor({ ...anything, requested: null, fallback: false, configured })).toEqual([banana]);
  });

  test('falls back only to models that can make the size and the ratio', () => {
    const big = { aspectRatio: '16:9', imageSize: '4K' };
    expect(chainFor({ ...big, requested: null, fallback: true, configured })).toEqual([banana, pro]);
    const strip = { aspectRatio: '8:1', imageSize: '4K' };
    expect(chainFor({ ...strip, requested: null, fallback: true, configured: [pro, lite] })).toEqual([]);
  });
});
