export type Point = readonly [x: number, y: number];

/** An SVG element; attributes that are undefined are left out. */
export function tag(
  name: string,
  attributes: Record<string, string | number | undefined>,
  content = '',
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : value}"`)
    .join('');
  return content ? `<${name}${written}>${content}</${name}>` : `<${name}${written}/>`;
}

/** `fill-opacity` instead of `opacity`: a transparent element would cost the renderer a layer of its own. */
export function circle(x: number, y: number, r: number, fill: string, opacity?: number): string {
  return tag('circle', { cx: x, cy: y, r, fill, 'fill-opacity': opacity });
}

export function oval(x: number, y: number, rx: number, ry: number, fill: string, opacity?: number): string {
  return tag('ellipse', { cx: x, cy: y, rx, ry, fill, 'fill-opacity': opacity });
}

/** A rectangle with corners of radius `rx`. */
export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  rx?: number,
  opacity?: number,
): string {
  return tag('rect', { x, y, width, height, fill, rx, 'fill-opacity': opacity });
}

export function shape(d: string, fill: string, opacity?: number): string {
  return tag('path', { d, fill, 'fill-opacity': opacity });
}

/** A line with round ends. */
export function stroke(d: string, colour: string, width: number, opacity?: number): string {
  const round = { 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  return tag('path', {
    d,
    fill: 'none',
    stroke: colour,
    'stroke-width': width,
    ...round,
    'stroke-opacity': opacity,
  });
}

/** The outline of straight lines through the points. */
export function corners(points: readonly Point[]): string {
  return `M${points.map((point) => point.map(round).join(' ')).join('L')}Z`;
}

/** Content moved to a point, scaled and turned by degrees. */
export function place(content: string, x: number, y: number, scale = 1, turn = 0): string {
  return `<g transform="translate(${round(x)} ${round(y)}) scale(${scale.toFixed(4)}) rotate(${round(turn)})">${content}</g>`;
}

/** Content and its mirror image on the other side of the vertical axis. */
export function both(content: string): string {
  return `${content}<g transform="scale(-1 1)">${content}</g>`;
}

/** A smooth line through the points (Catmull-Rom, as cubic curves). */
export function smooth(points: readonly Point[]): string {
  const at = (index: number) => points[Math.max(0, Math.min(points.length - 1, index))]!;
  const curves = points.slice(1).map((end, index) => {
    const [before, start, after] = [at(index - 1), at(index), at(index + 2)];
    const leave = [start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6];
    const arrive = [end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6];
    return `C${[...leave, ...arrive, ...end].map(round).join(' ')}`;
  });
  return `M${at(0).map(round).join(' ')}${curves.join('')}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
