import { expect, it } from 'vitest';
import { readWish } from './wish.ts';

it('sees who is in the image, how many they are, and in which colours', () => {
  expect(readWish('A red fox and two black cats').actors).toEqual([
    { kind: 'fox', colour: '#d4544a' },
    { kind: 'cat', colour: '#45404f' },
    { kind: 'cat', colour: '#45404f' },
  ]);
  expect(readWish('a black cat and a white cat').actors).toHaveLength(2);
  expect(readWish('a cat, and the cat is happy').actors).toHaveLength(1);
  expect(readWish('nine hundred dogs, 9 owls').actors).toHaveLength(5);
});

it('dresses animals instead of adding people', () => {
  expect(readWish('a cat astronaut')).toMatchObject({ suited: true, actors: [{ kind: 'cat' }] });
  expect(readWish('a hedgehog wizard')).toMatchObject({
    actors: [{ kind: 'hedgehog' }],
    gear: [{ kind: 'wizardHat' }],
  });
  expect(readWish('an astronaut on the moon')).toMatchObject({
    suited: false,
    setting: 'space',
    actors: [{ kind: 'astronaut' }],
  });
});

it('keeps people who stand beside animals', () => {
  const kinds = readWish('a knight and a dragon').actors.map((actor) => actor.kind);
  expect(kinds).toEqual(['person', 'dragon']);
});

it('tells the balloons apart', () => {
  expect(readWish('a hot air balloon').things).toMatchObject([{ kind: 'balloon' }]);
  expect(readWish('three red balloons over the sea').things).toMatchObject([
    { kind: 'balloon', count: 3, colour: '#d4544a' },
  ]);
  expect(readWish('a mouse with a red balloon')).toMatchObject({
    things: [],
    gear: [{ kind: 'toyBalloon', colour: '#d4544a' }],
  });
});

it.each([
  ['a lighthouse in a storm at night', { setting: 'sea', weather: 'storm', time: 'night' }],
  ['an owl in an autumn forest', { setting: 'forest', season: 'autumn', time: 'golden' }],
  [
    'a bear drinking tea by the window on a rainy evening',
    { setting: 'room', weather: 'rain', time: 'dusk' },
  ],
  ['watercolor of snowy mountains', { setting: 'mountains', weather: 'snow', style: 'watercolour' }],
])('%s', (prompt, wish) => {
  expect(readWish(prompt)).toMatchObject({ ...wish, understood: true });
});

it('a colour that belongs to nothing sets the mood', () => {
  expect(readWish('everything in purple').mood).toBe('#8d68b0');
  expect(readWish('a purple dragon').mood).toBeNull();
});

it('takes words inside other words for what they are', () => {
  expect(readWish('concatenate the category').understood).toBe(false);
});
