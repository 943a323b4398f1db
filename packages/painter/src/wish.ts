import { type Found, findColours, findThings, has } from './words.ts';

export const CREATURES = [
  'cat',
  'dog',
  'fox',
  'rabbit',
  'bear',
  'panda',
  'owl',
  'penguin',
  'frog',
  'hedgehog',
  'mouse',
  'dragon',
  'robot',
  'astronaut',
  'person',
] as const;
export type CreatureKind = (typeof CREATURES)[number];

export type Time = 'dawn' | 'day' | 'golden' | 'dusk' | 'night';
export type Weather = 'clear' | 'rain' | 'snow' | 'storm' | 'fog';
export type Setting =
  | 'hills'
  | 'forest'
  | 'mountains'
  | 'sea'
  | 'city'
  | 'space'
  | 'desert'
  | 'meadow'
  | 'room';
export type Season = 'spring' | 'summer' | 'autumn' | 'winter';
export type Style = 'gouache' | 'watercolour' | 'pixel' | 'monochrome';
export const THINGS = [
  'lighthouse',
  'house',
  'castle',
  'balloon',
  'boat',
  'whale',
  'rocket',
  'windmill',
  'tent',
  'planet',
  'cactus',
  'birds',
] as const;
export type Thing = (typeof THINGS)[number];
export const GEAR = [
  'cup',
  'book',
  'scarf',
  'hat',
  'wizardHat',
  'crown',
  'glasses',
  'umbrella',
  'toyBalloon',
  'flower',
  'headphones',
  'guitar',
  'cake',
  'lantern',
] as const;
export type Gear = (typeof GEAR)[number];

export interface Actor {
  kind: CreatureKind;
  colour: string | null;
}

/** What a prompt asks to see, as far as this painter understands it. */
export interface Wish {
  actors: Actor[];
  /** Whether the actors wear space suits, whoever they are. */
  suited: boolean;
  asleep: boolean;
  things: { kind: Thing; colour: string | null; count: number }[];
  gear: { kind: Gear; colour: string | null }[];
  setting: Setting | null;
  time: Time | null;
  weather: Weather;
  season: Season | null;
  style: Style;
  flowers: boolean;
  aurora: boolean;
  rainbow: boolean;
  fireflies: boolean;
  stars: boolean;
  sun: boolean;
  moon: boolean;
  /** A colour that was named for nothing in particular. */
  mood: string | null;
  /** Whether anything at all was understood. */
  understood: boolean;
}

const MOST_ACTORS = 5;

/** Reads the words of a prompt. */
export function readWish(prompt: string): Wish {
  const text = prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
  const found = toldApart(findThings(text));
  const kinds = new Set(found.map((one) => one.kind));
  const within = <T extends string>(list: readonly T[]) =>
    found.filter((one): one is typeof one & { kind: T } => (list as readonly string[]).includes(one.kind));
  const creatures = within(CREATURES);
  const animals = creatures.filter((one) => one.kind !== 'astronaut' && one.kind !== 'person');
  const suited = kinds.has('astronaut') && animals.length > 0;
  const cast = suited ? animals : creatures;
  const actors = cast.flatMap(({ kind, colour, count }) =>
    Array.from({ length: count }, () => ({ kind, colour })),
  );
  return {
    actors: actors.slice(0, MOST_ACTORS),
    suited,
    asleep: has(text, 'asleep|sleep|sleeping|sleepy|dreaming|napping|nap'),
    things: within(THINGS),
    gear: within(GEAR),
    setting: settingOf(text, kinds),
    time: timeOf(text),
    weather: weatherOf(text),
    season: seasonOf(text),
    style: styleOf(text),
    flowers: has(
      text,
      'flower|blossom|tulip|rose|daisy|daisies|poppy|poppies|garden|meadow|sunflower|lavender|bouquet',
    ),
    aurora: has(text, 'aurora|northern light|polar light'),
    rainbow: has(text, 'rainbow'),
    fireflies: has(text, 'firefly|fireflies|glowing|magic|magical|fairy|enchanted|lantern'),
    stars: has(text, 'star|starry|constellation|milky way|galaxy'),
    sun: has(text, 'sun|sunny|sunrise|sunset|sunshine'),
    moon: has(text, 'moon|moonlight|moonlit'),
    mood: findColours(text).find((colour) => !found.some((one) => one.colour === colour)) ?? null,
    understood:
      found.length > 0 ||
      settingOf(text, kinds) !== null ||
      timeOf(text) !== null ||
      weatherOf(text) !== 'clear',
  };
}

/** A balloon is the kind one flies in, unless there is somebody to hold it; a wizard fox is one fox. */
function toldApart(found: Found[]): Found[] {
  const creatures = found.filter((one) => (CREATURES as readonly string[]).includes(one.kind));
  const animals = creatures.filter((one) => one.kind !== 'person');
  const flies = found.some((one) => one.kind === 'balloon');
  const isTitle = (one: Found) => one.kind === 'person' && animals.some((animal) => besides(one, animal));
  return found
    .filter((one) => !(flies && one.kind === 'toyBalloon') && !isTitle(one))
    .map((one) => (one.kind === 'toyBalloon' && creatures.length === 0 ? { ...one, kind: 'balloon' } : one));
}

function besides(one: Found, other: Found): boolean {
  const [first, second] = one.at < other.at ? [one, other] : [other, one];
  return first.at + first.word.length + 1 === second.at;
}

function settingOf(text: string, kinds: Set<string>): Setting | null {
  const onMoon = has(text, 'on the moon|on mars|lunar');
  if (onMoon || has(text, 'space|galaxy|planet|cosmos|nebula|asteroid|mars|saturn|jupiter|orbit'))
    return 'space';
  if (has(text, 'kitchen|room|sofa|couch|library|desk|window|indoors|cafe|café|fireplace|armchair|bed'))
    return 'room';
  if (has(text, 'sea|ocean|beach|coast|harbour|harbor|bay|lake|river|island|wave|shore|water|pond|sailing'))
    return 'sea';
  if (
    has(
      text,
      'city|street|skyline|skyscraper|town|tokyo|paris|london|new york|berlin|rooftop|downtown|metropolis',
    )
  )
    return 'city';
  if (has(text, 'forest|wood|jungle|tree|pine|grove')) return 'forest';
  if (has(text, 'mountain|alp|alpine|peak|summit|volcano|everest|cliff|valley|fjord')) return 'mountains';
  if (has(text, 'desert|dune|cactus|sahara|canyon')) return 'desert';
  if (has(text, 'meadow|field|garden|flower|tulip|poppy|poppies|sunflower|daisies|farm|prairie'))
    return 'meadow';
  if (kinds.has('lighthouse') || kinds.has('boat') || kinds.has('whale')) return 'sea';
  if (kinds.has('rocket') || kinds.has('planet') || kinds.has('astronaut')) return 'space';
  if (has(text, 'hill|countryside|village|park|picnic')) return 'hills';
  return null;
}

function timeOf(text: string): Time | null {
  if (
    has(
      text,
      'night|midnight|moonlight|moonlit|moon|star|starry|aurora|northern light|firefly|fireflies|dark',
    )
  )
    return 'night';
  if (has(text, 'dusk|sunset|evening|twilight')) return 'dusk';
  if (has(text, 'dawn|sunrise|morning')) return 'dawn';
  if (has(text, 'golden|autumn|fall|afternoon|warm|cosy|cozy|desert')) return 'golden';
  if (has(text, 'day|noon|sunny|sun|bright|summer|spring')) return 'day';
  return null;
}

function weatherOf(text: string): Weather {
  if (has(text, 'storm|stormy|thunder|thunderstorm|lightning|hurricane')) return 'storm';
  if (has(text, 'snow|snowy|winter|blizzard|ice|icy|arctic|christmas|frozen|snowing')) return 'snow';
  if (has(text, 'rain|rainy|raining|drizzle|puddle')) return 'rain';
  if (has(text, 'fog|foggy|mist|misty|haze')) return 'fog';
  return 'clear';
}

function seasonOf(text: string): Season | null {
  if (has(text, 'autumn|fall|october|november|leaves')) return 'autumn';
  if (has(text, 'spring|cherry|blossom|sakura|april')) return 'spring';
  if (has(text, 'winter|snow|snowy|christmas|snowing')) return 'winter';
  return has(text, 'summer|july|august') ? 'summer' : null;
}

function styleOf(text: string): Style {
  if (has(text, 'watercolour|watercolor|aquarelle')) return 'watercolour';
  if (has(text, 'pixel|8 bit|16 bit|retro game')) return 'pixel';
  return has(text, 'black and white|monochrome|greyscale|grayscale|sepia') ? 'monochrome' : 'gouache';
}
