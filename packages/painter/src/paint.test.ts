import { expect, it } from 'vitest';
import { paintImage } from './paint.ts';

const paint = (prompt: string, seed = 1) =>
  paintImage({ prompt, seed, images: [], size: { width: 96, height: 64 }, mimeType: 'image/png' });

it('paints the same image for the same prompt and seed, another one for another seed', async () => {
  const [first, again, other] = await Promise.all([paint('a fox'), paint('a fox'), paint('a fox', 2)]);
  expect(first.equals(again)).toBe(true);
  expect(first.equals(other)).toBe(false);
});

it('paints prompts that it cannot draw', async () => {
  expect((await paint('a giraffe')).equals(await paint('a zebra'))).toBe(false);
  expect((await paint('')).length).toBeGreaterThan(100);
});
