import { expect, test } from 'vitest';
import { readLifted } from './read-lifted.ts';

/** The text as a body in several chunks, cut at these offsets. */
async function* inPieces(text: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text);
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let n = 1; n < places.length; n += 1) yield bytes.subarray(places[n - 1], places[n]);
}

/** The expected result: base64 values of `data` as bytes, everything else unchanged. */
function plainly(text: string): unknown {
  return withBytes(JSON.parse(text));
}

function withBytes(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return key === 'data' && isBase64(value) ? Buffer.from(value, 'base64') : value;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((item) => withBytes(item));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withBytes(item, name)]));
}

function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Pseudorandom numbers below `below`, the same in every run. */
function dice(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('an image is returned as bytes, wherever its text is cut', async () => {
  const text = JSON.stringify({
    inlineData: { mimeType: 'image/png', data: 'AAECAwQFBgcICQ==' },
    end: 'ü€😀',
  });
  for (let cut = 0; cut <= Buffer.byteLength(text); cut += 1) {
    const found = await readLifted(inPieces(text, [cut]));
    expect(found).toEqual(plainly(text));
  }
  expect(await readLifted(inPieces(text, Array.from(Buffer.from(text).keys())))).toEqual(plainly(text));
});

test.each([
  ['that is not base64', '{"data":"not base64"}'],
  ['that is cut off', '{"data":"AAE"}'],
  ['with padding in the middle', '{"data":"AA==AAAA"}'],
  ['with too much padding', '{"data":"A==="}'],
  ['in the URL-safe alphabet', '{"data":"AA-_"}'],
  ['with an escaped quote', String.raw`{"data":"AAEC\"}`.concat('AAEC"}')],
  ['that is empty', '{"data":""}'],
  ['of another kind', '{"data":[{"data":"AAEC"},1,null,{"data":{}}]}'],
  [
    'under a name that ends like it',
    String.raw`{"my\"data":"AAEC",",\"data":"AAEC"," data":"AAEC","data ":"AAEC"}`,
  ],
  ['within a text', JSON.stringify({ text: '{"data":"AAEC"}' })],
  ['with white space around', '\n{ "a" : 1 ,\t"data" : "AAEC" }\n'],
  ['with letters of other languages', '{"data":"ÄÄÄÄ"}'],
])('a field %s is what JSON.parse makes of it', async (_, text) => {
  for (let cut = 0; cut <= Buffer.byteLength(text); cut += 1) {
    expect(await readLifted(inPieces(text, [cut]))).toEqual(plainly(text));
  }
});

test('base64 with an escape stays text', async () => {
  const text = String.raw`{"data":"AAE\u0043AAECAA\/="}`;
  for (let cut = 0; cut <= text.length; cut += 1) {
    expect(await readLifted(inPieces(text, [cut]))).toEqual(JSON.parse(text));
  }
});

test.each(['', '{', '{"data":"AAEC', '{"data":"AAEC"', '{"data":"AA\nEC"}', '<html>', '{"data":"AAEC"}}'])(
  '%j is no JSON',
  async (text) => {
    await expect(readLifted(inPieces(text))).rejects.toThrow(SyntaxError);
  },
);

test('any JSON, cut anywhere, is parsed as by JSON.parse', async () => {
  const roll = dice(7);
  const pick = <T>(from: readonly T[]): T => from[roll(from.length)]!;
  const base64 = () => Buffer.from(Array.from({ length: roll(40) }, () => roll(256))).toString('base64');
  const words = ['', 'data', '"data":', '\\', '"', '\\"', ' ', 'ü', '😀', '\u0000', '/', '=', '{"data":"'];
  const word = () => Array.from({ length: roll(6) }, () => pick(words)).join('');
  const text = () => pick([base64, base64, word, () => base64() + word()])();
  const value = (depth: number): unknown => {
    const kind = roll(depth > 4 ? 3 : 6);
    if (kind === 0) return pick([null, true, false, 0, -1.5e-9, 12_345]);
    if (kind < 3) return text();
    if (kind === 3) return Array.from({ length: roll(4) }, () => value(depth + 1));
    return Object.fromEntries(
      Array.from({ length: roll(5) }, () => [pick(['data', 'data', text()]), value(depth + 1)]),
    );
  };
  for (let round = 0; round < 3_000; round += 1) {
    let json = JSON.stringify(value(0), null, pick([0, 0, 2, '\t']));
    if (roll(3) === 0) json = json.replaceAll('/', '\\/');
    const size = Buffer.byteLength(json);
    const cuts = Array.from({ length: roll(8) }, () => roll(size + 1));
    expect(withBytes(await readLifted(inPieces(json, cuts))), json).toEqual(plainly(json));
  }
});

test('an error of the body is thrown', async () => {
  async function* broken() {
    yield Buffer.from('{"data":"AAEC');
    throw new Error('the connection broke');
  }
  await expect(readLifted(broken())).rejects.toThrow('the connection broke');
});
