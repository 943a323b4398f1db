import type { JobView } from '@darkroom/client';
import { expect, it } from 'vitest';
import { receiptWords, shortPrompt, statusWords } from './words.ts';

const pending = (part: Partial<JobView>) =>
  statusWords({ status: 'pending', attempt: 0, ...part } as JobView);
const receipt = (charged: number, refunded: number) =>
  receiptWords({ receipt: { charged, refunded, net: charged - refunded } } as JobView);

it('shows how many jobs are ahead, and how long it may take', () => {
  expect(pending({ queue_position: 1 })).toBe('Next in the queue');
  expect(pending({ queue_position: 2 })).toBe('1 ahead in the queue');
  expect(pending({ queue_position: 5, eta_seconds: 12.4 })).toBe('4 ahead in the queue · about 13 s');
  expect(pending({ queue_position: 41, eta_seconds: 130 })).toBe('40 ahead in the queue · about 2 min');
  expect(pending({})).toBe('In the queue');
  expect(pending({ attempt: 1 })).toBe('Waiting to retry');
});

it('shows what a job cost, and what was refunded', () => {
  expect(receipt(3, 0)).toBe('3 credits');
  expect(receipt(1, 1)).toBe('1 credit refunded');
  expect(receipt(3, 1)).toBe('2 credits, 1 of 3 refunded');
});

it('names a job by the beginning of its prompt', () => {
  expect(shortPrompt({ prompt: 'a fox' })).toBe('a fox');
  expect(shortPrompt({ prompt: 'a fox with tea' }, 8)).toBe('a fox w…');
  expect(shortPrompt({ prompt: null })).toBe('Image');
});
