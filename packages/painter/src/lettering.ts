import { place, stroke } from './svg.ts';

/** Letters as lines on a grid 4 wide and 6 tall: text must not depend on the fonts of the machine. */
const LETTERS: Record<string, string> = {
  A: 'M0 6L2 0L4 6M.8 4H3.2',
  B: 'M0 3H2.4Q4 3 4 4.5T2.4 6H0V0H2.2Q3.6 0 3.6 1.5T2.2 3',
  C: 'M4 1Q3.4 0 2.2 0Q0 0 0 3T2.2 6Q3.4 6 4 5',
  D: 'M0 0V6H1.8Q4 6 4 3T1.8 0Z',
  E: 'M4 0H0V6H4M0 3H3',
  F: 'M4 0H0V6M0 3H3',
  G: 'M4 1Q3.4 0 2.2 0Q0 0 0 3T2.2 6Q4 6 4 3.4H2.4',
  H: 'M0 0V6M4 0V6M0 3H4',
  I: 'M2 0V6',
  J: 'M3.4 0V4.4Q3.4 6 1.8 6T.2 4.6',
  K: 'M0 0V6M4 0L0 3.4M1.4 2.4L4 6',
  L: 'M0 0V6H4',
  M: 'M0 6V0L2 3.6L4 0V6',
  N: 'M0 6V0L4 6V0',
  O: 'M2 0Q0 0 0 3T2 6T4 3T2 0',
  P: 'M0 6V0H2.2Q4 0 4 1.7T2.2 3.4H0',
  Q: 'M2 0Q0 0 0 3T2 6T4 3T2 0M2.6 4.4L4 6.2',
  R: 'M0 6V0H2.2Q4 0 4 1.7T2.2 3.4H0M2 3.4L4 6',
  S: 'M3.8 1Q3.2 0 2 0Q.2 0 .2 1.5Q.2 3 2 3T3.8 4.5Q3.8 6 2 6Q.6 6 .1 4.9',
  T: 'M0 0H4M2 0V6',
  U: 'M0 0V4Q0 6 2 6T4 4V0',
  V: 'M0 0L2 6L4 0',
  W: 'M0 0L1 6L2 2L3 6L4 0',
  X: 'M0 0L4 6M4 0L0 6',
  Y: 'M0 0L2 3L4 0M2 3V6',
  Z: 'M0 0H4L0 6H4',
  0: 'M2 0Q0 0 0 3T2 6T4 3T2 0',
  1: 'M.8 1.2L2.2 0V6',
  2: 'M.2 1.4Q.4 0 2 0T3.8 1.6Q3.8 2.8 0 6H4',
  3: 'M.2 .6Q1 0 2 0Q3.6 0 3.6 1.5T1.6 3Q4 3 4 4.5T2 6Q.6 6 0 5',
  4: 'M3 6V0L0 4.2H4',
  5: 'M3.6 0H.4V2.6Q1 2.2 2 2.2Q4 2.2 4 4.1T2 6Q.6 6 0 5.2',
  6: 'M3.4 0Q0 1 0 4.2Q0 6 2 6T4 4.2T2 2.6T0 4.2',
  7: 'M0 0H4L1.4 6',
  8: 'M2 3Q.3 3 .3 1.5T2 0T3.7 1.5T2 3Q0 3 0 4.5T2 6T4 4.5T2 3',
  9: 'M.6 6Q4 5 4 1.8Q4 0 2 0T0 1.8T2 3.4T4 1.8',
  '-': 'M.8 3H3.2',
  ',': 'M2 5.6L1.6 7',
  '.': 'M2 5.9V6',
  "'": 'M2 0V1.4',
};
const STEP = 5.6;

/** What can be written of a text: capitals without accents. */
export function writable(text: string): string {
  const plain = text.normalize('NFD').toUpperCase();
  return [...plain.replace(/\s/g, ' ')]
    .filter((one) => one === ' ' || LETTERS[one])
    .join('')
    .replace(/ +/g, ' ')
    .trim();
}

/** The width of a writable text, for letters of this height. */
export function widthOf(text: string, tall: number): number {
  return ((text.length * STEP - (STEP - 4)) * tall) / 6;
}

/** Writes a writable text; its upper left corner is the point. */
export function write(text: string, x: number, y: number, tall: number, colour: string): string {
  const lines = [...text].map((one, at) => {
    const line = LETTERS[one];
    return line ? place(stroke(line, colour, 0.75), at * STEP, 0) : '';
  });
  return place(lines.join(''), x, y, tall / 6);
}
