import type { Canvas } from './canvas.ts';
import { SHADOW } from './colour.ts';
import { widthOf, writable, write } from './lettering.ts';
import { box } from './svg.ts';

const MOST_LINES = 4;
const LETTERS_PER_LINE = 24;

/** Says in a corner where the image is from. */
export function origin(canvas: Canvas): string {
  const { width, height, unit } = canvas;
  const [text, tall] = ['LOCAL STAND-IN', Math.max(unit * 1.4, 8)];
  const wide = widthOf(text, tall);
  const [x, y] = [width - wide - tall * 1.6, height - tall * 2.4];
  return (
    box(x - tall * 0.8, y - tall * 0.7, wide + tall * 1.6, tall * 2.4, SHADOW, tall * 0.6, 0.45) +
    write(text, x, y, tall, '#fffaf0')
  );
}

/** A plate with the words of the prompt, centred at a height. */
export function promptLabel(canvas: Canvas, prompt: string, middleY: number): string {
  const { width, unit } = canvas;
  const lines = wrap(writable(prompt) || 'A PROMPT WITHOUT LATIN LETTERS');
  const longest = Math.max(...lines.map((line) => line.length));
  const tall = Math.min(unit * 4.4, (width * 0.8) / longest);
  const [wide, high] = [widthOf('X'.repeat(longest), tall) + tall * 3, tall * (lines.length * 1.8 + 1.4)];
  const [left, top] = [(width - wide) / 2, middleY - high / 2];
  const written = lines.map((line, at) =>
    write(line, (width - widthOf(line, tall)) / 2, top + tall * (1.1 + at * 1.8), tall, '#4b4458'),
  );
  return [
    box(left + unit * 0.6, top + unit * 0.9, wide, high, SHADOW, tall * 0.5, 0.25),
    box(left, top, wide, high, '#fdf6e6', tall * 0.5),
    ...written,
  ].join('');
}

function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= LETTERS_PER_LINE) lines[lines.length - 1] = longer;
    else lines.push(word.slice(0, LETTERS_PER_LINE));
  }
  const shown = lines.filter((line) => line !== '');
  return shown.length > MOST_LINES ? [...shown.slice(0, MOST_LINES - 1), '...'] : shown;
}
