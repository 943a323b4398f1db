/** The words of things that can be painted: one line a thing, singular forms. */
const VOCABULARY: Record<string, string> = {
  cat: 'cat|kitten|kitty|tabby',
  dog: 'dog|puppy|hound|corgi|dachshund|labrador|retriever',
  fox: 'fox|foxes|vixen',
  rabbit: 'rabbit|bunny|bunnies|hare',
  bear: 'bear|teddy',
  panda: 'panda',
  owl: 'owl',
  penguin: 'penguin',
  frog: 'frog|toad',
  hedgehog: 'hedgehog|porcupine',
  mouse: 'mouse|mice|hamster',
  dragon: 'dragon|dinosaur|dino',
  robot: 'robot|android|droid',
  astronaut: 'astronaut|cosmonaut|spaceman',
  person:
    'person|people|girl|boy|woman|man|child|children|kid|wizard|witch|knight|queen|king|princess|prince|sailor|gardener|painter|friend',
  lighthouse: 'lighthouse|light house',
  house: 'house|cottage|cabin|hut|home|farm|barn|village',
  castle: 'castle|palace|fortress',
  balloon: 'hot air balloon|balloons? over|air balloon|balloon ride',
  boat: 'boat|sailboat|ship|yacht|sailing',
  whale: 'whale|orca',
  rocket: 'rocket|spaceship|spacecraft',
  windmill: 'windmill|mill',
  tent: 'tent|camping|campfire|camp',
  planet: 'planet|saturn|jupiter|earth',
  cactus: 'cactus|cacti',
  birds: 'bird|seagull|gull|swallow|sparrow|crane',
  cup: 'tea|coffee|cup|mug|cocoa|espresso|latte|cappuccino',
  book: 'book|reading|reads|novel|library',
  scarf: 'scarf',
  hat: 'hat|cap|beanie|beret',
  wizardHat: 'wizard|witch|magician|sorcerer|wizard hat',
  crown: 'crown|king|queen|prince|princess|royal',
  glasses: 'glasses|spectacles|sunglasses|monocle|professor|scientist',
  umbrella: 'umbrella|parasol',
  toyBalloon: 'balloon|birthday|party',
  flower: 'bouquet|holding a flower|flower crown',
  headphones: 'headphones|music|dj|listening',
  guitar: 'guitar|ukulele|musician|banjo',
  cake: 'cake|birthday|cupcake',
  lantern: 'lantern|lamp',
};

const COLOURS: Record<string, string> = {
  red: '#d4544a',
  crimson: '#b93a46',
  scarlet: '#d94a3a',
  orange: '#e8873d',
  yellow: '#f1c550',
  gold: '#e3b448',
  golden: '#e3b448',
  green: '#62a05e',
  mint: '#9fd8bd',
  teal: '#449f9c',
  turquoise: '#52bdb8',
  blue: '#5187c6',
  indigo: '#4a4f9c',
  purple: '#8d68b0',
  violet: '#8d68b0',
  lavender: '#b6a3d8',
  pink: '#ef9fb4',
  coral: '#f08a72',
  brown: '#98683f',
  black: '#45404f',
  white: '#f7f2e8',
  cream: '#f3e4c4',
  grey: '#9c9ca8',
  gray: '#9c9ca8',
  ginger: '#e0893f',
};

const NUMBERS: Record<string, number> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  couple: 2,
  pair: 2,
  family: 3,
  many: 4,
  some: 3,
  several: 4,
};

export interface Found {
  kind: string;
  /** The colour named just before it. */
  colour: string | null;
  count: number;
  at: number;
  word: string;
}

/**
 * The things of the vocabulary that a text names, in its order. A thing named twice is the same one, unless
 * another colour says otherwise. The text is lower case, words apart by one space.
 */
export function findThings(text: string): Found[] {
  return Object.entries(VOCABULARY)
    .flatMap(([kind, words]) =>
      [...text.matchAll(new RegExp(`\\b(?:${words})(s?)\\b`, 'g'))].map((match) =>
        readThing(text, kind, match),
      ),
    )
    .filter((one, at, all) => one.colour !== null || at === all.findIndex((other) => other.kind === one.kind))
    .filter(
      (one, at, all) =>
        at === all.findIndex((other) => other.kind === one.kind && other.colour === one.colour),
    )
    .sort((a, b) => a.at - b.at);
}

function readThing(text: string, kind: string, match: RegExpExecArray): Found {
  const before = text.slice(0, match.index).trim().split(' ').slice(-3);
  const colour =
    before
      .slice(-2)
      .flatMap((word) => COLOURS[word] ?? [])
      .at(-1) ?? null;
  const named = before.flatMap((word) => NUMBERS[word] ?? (/^[2-9]$/.test(word) ? Number(word) : [])).at(-1);
  const plural = match[1] === 's' || /^(mice|bunnies|children|people|foxes|village)$/.test(match[0]);
  return { kind, colour, count: named ?? (plural ? 3 : 1), at: match.index, word: match[0] };
}

export function findColours(text: string): string[] {
  return text.split(' ').flatMap((word) => COLOURS[word] ?? []);
}

/** Whether a text has one of these words, in the singular or the plural. */
export function has(text: string, words: string): boolean {
  return new RegExp(`\\b(?:${words})s?\\b`).test(text);
}
