import { expect, it } from 'vitest';
import { readScene } from './scene.ts';

it('sees which animals there are, how many, and in which colours', () => {
  expect(readScene('A red fox and two black cats').animals).toEqual([
    { kind: 'fox', colour: '#d4544a' },
    { kind: 'cat', colour: '#45404f' },
    { kind: 'cat', colour: '#45404f' },
  ]);
  expect(readScene('a cat, and the cat is happy').animals).toHaveLength(1);
  expect(readScene('nine hundred dogs, 9 owls').animals).toHaveLength(4);
});

it('a balloon is a toy where there is an animal to hold it, else a hot-air balloon', () => {
  expect(readScene('two red balloons').things).toEqual(
    Array(2).fill({ kind: 'airBalloon', colour: '#d4544a' }),
  );
  expect(readScene('a cat with a red balloon')).toMatchObject({ things: [], items: [{ kind: 'balloon' }] });
});

it.each([
  ['a lighthouse in a storm at night', { setting: 'sea', weather: 'rain', time: 'night' }],
  ['an owl in an autumn forest', { setting: 'forest', autumn: true }],
  ['watercolour of snowy mountains', { setting: 'mountains', weather: 'snow' }],
])('%s', (prompt, scene) => {
  expect(readScene(prompt)).toMatchObject({ ...scene, unknown: false });
});

it.each(['a giraffe', 'concatenate the category', 'make it night', '桜と富士山', ''])(
  'cannot draw "%s"',
  (prompt) => {
    expect(readScene(prompt)).toMatchObject({ animals: [], things: [], unknown: true });
  },
);
