export type AnimalKind = 'cat' | 'dog' | 'fox' | 'rabbit' | 'bear' | 'owl' | 'robot';
export type ThingKind = 'lighthouse' | 'house' | 'boat' | 'airBalloon';
export type ItemKind = 'cup' | 'scarf' | 'umbrella' | 'balloon';
export type Setting = 'hills' | 'forest' | 'mountains' | 'sea' | 'city';
export type Time = 'dawn' | 'day' | 'dusk' | 'night';
export type Weather = 'clear' | 'rain' | 'snow';

export interface Named<Kind> {
  kind: Kind;
  /** The colour named just before it. */
  colour: string | null;
}

/** What a prompt asks to see, as far as this painter can draw it. */
export interface Scene {
  animals: Named<AnimalKind>[];
  things: Named<ThingKind>[];
  /** What the animals wear and hold. */
  items: Named<ItemKind>[];
  setting: Setting | null;
  time: Time | null;
  weather: Weather;
  autumn: boolean;
  flowers: boolean;
  /** Whether the prompt is about something else than what can be drawn. */
  unknown: boolean;
}

const ANIMALS: Record<AnimalKind, string> = {
  cat: 'cat kitten kitty tabby',
  dog: 'dog puppy corgi dachshund labrador',
  fox: 'fox vixen',
  rabbit: 'rabbit bunny hare',
  bear: 'bear teddy',
  owl: 'owl',
  robot: 'robot android droid',
};
const THINGS: Record<Exclude<ThingKind, 'airBalloon'>, string> = {
  lighthouse: 'lighthouse',
  house: 'house cottage cabin hut home farm barn village',
  boat: 'boat sailboat ship yacht sailing',
};
const ITEMS: Record<ItemKind, string> = {
  cup: 'tea coffee cup mug cocoa',
  scarf: 'scarf',
  umbrella: 'umbrella parasol',
  balloon: 'balloon birthday',
};
const SETTINGS: Record<Setting, string> = {
  hills: 'hill meadow field garden park countryside picnic',
  forest: 'forest wood jungle tree grove',
  mountains: 'mountain alp alpine peak summit cliff valley fjord',
  sea: 'sea ocean beach coast harbour harbor bay lake river island wave shore water pond',
  city: 'city street skyline skyscraper town tokyo paris london berlin rooftop downtown',
};
const TIMES: Record<Time, string> = {
  dawn: 'dawn sunrise morning',
  day: 'day noon sunny sun bright summer spring',
  dusk: 'dusk sunset evening twilight golden',
  night: 'night midnight moon moonlight moonlit star starry dark',
};
const WEATHERS: Record<Exclude<Weather, 'clear'>, string> = {
  rain: 'rain rainy raining storm stormy drizzle',
  snow: 'snow snowy winter snowing ice icy frozen christmas',
};
const AUTUMN = 'autumn fall october november leaves';
const FLOWERS = 'flower meadow garden tulip rose daisy poppy blossom spring';
const COLOURS: Record<string, string> = {
  red: '#d4544a',
  orange: '#e8873d',
  yellow: '#f1c550',
  green: '#62a05e',
  teal: '#449f9c',
  blue: '#5187c6',
  purple: '#8d68b0',
  pink: '#ef9fb4',
  brown: '#98683f',
  black: '#45404f',
  white: '#f7f2e8',
  grey: '#9c9ca8',
  gray: '#9c9ca8',
};
const COUNTS: Record<string, number> = { two: 2, three: 3, four: 4, five: 5, couple: 2, pair: 2, many: 4 };
/** Words without a meaning for the image, besides those of one or two letters. */
const FILLING =
  'the and with for from into over under near behind beside above below its his her one some very hot air ' +
  'calm quiet peaceful gentle beautiful cute happy little small big large old warm cold soft light misty ' +
  'gouache watercolour watercolor oil acrylic painting drawing illustration image photo style colour color';

const MOST_ANIMALS = 4;
const MOST_THINGS = 3;

/** Reads the words of a prompt. */
export function readScene(prompt: string): Scene {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const animals = named(words, ANIMALS).slice(0, MOST_ANIMALS);
  const items = named(words, ITEMS);
  const hasAnimals = animals.length > 0;
  const balloons = hasAnimals ? [] : items.filter((one) => one.kind === 'balloon');
  const things: Scene['things'] = [
    ...named(words, THINGS),
    ...balloons.map(({ colour }) => ({ kind: 'airBalloon' as const, colour })),
  ].slice(0, MOST_THINGS);
  const afloat = things.some((one) => one.kind === 'boat');
  const coast = things.some((one) => one.kind === 'lighthouse') ? 'sea' : null;
  const known = [ANIMALS, THINGS, ITEMS, SETTINGS, TIMES, WEATHERS].flatMap((table) => Object.values(table));
  const filling = [...known, AUTUMN, FLOWERS, FILLING, ...Object.keys({ ...COLOURS, ...COUNTS })].join(' ');
  return {
    animals,
    things,
    items,
    setting: afloat ? 'sea' : (firstOf(words, SETTINGS) ?? coast),
    time: firstOf(words, TIMES),
    weather: firstOf(words, WEATHERS) ?? 'clear',
    autumn: words.some((word) => means(word, AUTUMN)),
    flowers: words.some((word) => means(word, FLOWERS)),
    unknown:
      !hasAnimals &&
      things.length === 0 &&
      (words.length === 0 || words.some((word) => word.length > 2 && !means(word, filling))),
  };
}

/** All that a table lists and the words name, in their order. A thing named twice is one, unless its colour differs. */
function named<Kind extends string>(words: string[], table: Record<Kind, string>): Named<Kind>[] {
  const seen = new Set<string>();
  return words.flatMap((word, at) => {
    const kind = firstOf([word], table);
    if (!kind) return [];
    const before = words.slice(Math.max(0, at - 3), at);
    const colour =
      before
        .slice(-2)
        .flatMap((one) => COLOURS[one] ?? [])
        .at(-1) ?? null;
    if (seen.has(`${kind} ${colour}`) || (colour === null && [...seen].some((one) => one.startsWith(kind))))
      return [];
    seen.add(`${kind} ${colour}`);
    const counted = before.flatMap((one) => COUNTS[one] ?? (/^[2-9]$/.test(one) ? Number(one) : [])).at(-1);
    const plural = !listed(word, table[kind]) || word === 'village';
    return Array.from({ length: counted ?? (plural ? 3 : 1) }, () => ({ kind, colour }));
  });
}

function firstOf<Kind extends string>(words: string[], table: Record<Kind, string>): Kind | null {
  const kinds = Object.keys(table) as Kind[];
  return words.flatMap((word) => kinds.find((kind) => means(word, table[kind])) ?? [])[0] ?? null;
}

/** Whether a word, or its singular, is in a list. */
function means(word: string, list: string): boolean {
  const singulars = [word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/ies$/, 'y')];
  return [word, ...singulars].some((one) => listed(one, list));
}

function listed(word: string, list: string): boolean {
  return list.split(' ').includes(word);
}
