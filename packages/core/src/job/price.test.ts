import { expect, test } from 'vitest';
import { parseCreditCosts, priceOf } from './price.ts';

test('a price is found by model and size, otherwise by model, otherwise it is 1', () => {
  const costs = parseCreditCosts(' pro=3, pro@4k=8 ,lite@1K=0,');
  expect(priceOf(costs, 'pro', '4K')).toBe(8);
  expect(priceOf(costs, 'pro', '2K')).toBe(3);
  expect(priceOf(costs, 'pro', null)).toBe(3);
  expect(priceOf(costs, 'lite', '2K')).toBe(1);
  expect(priceOf(costs, 'other', null)).toBe(1);
  expect(priceOf(parseCreditCosts(''), 'pro', '4K')).toBe(1);
});

test('a request without a size costs the same as one with the default size', () => {
  const costs = parseCreditCosts('pro@1K=2,pro=5');
  expect(priceOf(costs, 'pro', null)).toBe(priceOf(costs, 'pro', '1K'));
});

test.each([
  'pro',
  'pro=',
  'pro=1.5',
  'pro=-1',
  'pro=1000001',
  '=3',
  '@4K=3',
  'pro@=3',
  'pro@4K@2K=3',
  'a b=3',
  'pro=1e3',
])('the error names the invalid part: %s', (part) => {
  expect(() => parseCreditCosts(`fine=1,${part},also=2`)).toThrow(`"${part}"`);
});

test('two prices for one model and size are rejected', () => {
  expect(() => parseCreditCosts('pro@4K=1,pro@4k=2')).toThrow('"pro@4k=2"');
});
