import type { JobView } from '@darkroom/client';
import { expect, it } from 'vitest';
import { receiptWords, shortPrompt, statusWords } from './words.ts';

const pending = (part: Partial<JobView>) =>
  statusWords({ status: 'pending', attempt: 0, ...part } as JobView);
const receipt = (charged: number, refunded: number) =>
  receiptWords({ receipt: { charged, refunded, net: charged - refunded } } as JobView);

it('says the place in the line, and how long it may take', () => {
  expect(pending({ queue_position: 0 })).toBe('Next in line');
  expect(pending({ queue_position: 4, eta_seconds: 12.4 })).toBe('4 ahead in the line · about 13 s');
  expect(pending({ queue_position: 40, eta_seconds: 130 })).toBe('40 ahead in the line · about 2 min');
  expect(pending({})).toBe('In the line');
  expect(pending({ attempt: 1 })).toBe('Waiting to try again');
});

it('says what a job cost, and what came back', () => {
  expect(receipt(3, 0)).toBe('3 credits');
  expect(receipt(1, 1)).toBe('1 credit refunded');
  expect(receipt(3, 1)).toBe('2 credits, 1 of 3 refunded');
});

it('names a job by the beginning of its prompt', () => {
  expect(shortPrompt({ prompt: 'a fox' })).toBe('a fox');
  expect(shortPrompt({ prompt: 'a fox with tea' }, 8)).toBe('a fox w…');
  expect(shortPrompt({ prompt: null })).toBe('Image');
});
