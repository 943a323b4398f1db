export type Point = readonly [x: number, y: number];

type Attributes = Record<string, string | number | undefined>;

/** An SVG element; numbers are written with two decimals. */
export function tag(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : value}"`)
    .join('');
  return content ? `<${name}${written}>${content}</${name}>` : `<${name}${written}/>`;
}

/** A filled element. Opacity of the whole element would cost the renderer a layer of its own. */
function filled(name: string, attributes: Attributes, { opacity, ...more }: Attributes): string {
  const outlined = more.stroke !== undefined;
  return tag(name, { ...attributes, [outlined ? 'opacity' : 'fill-opacity']: opacity, ...more });
}

export function circle(x: number, y: number, r: number, fill: string, more: Attributes = {}): string {
  return filled('circle', { cx: x, cy: y, r, fill }, more);
}

export function oval(
  x: number,
  y: number,
  rx: number,
  ry: number,
  fill: string,
  more: Attributes = {},
): string {
  return filled('ellipse', { cx: x, cy: y, rx, ry, fill }, more);
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  more: Attributes = {},
): string {
  return filled('rect', { x, y, width, height, fill }, more);
}

export function shape(d: string, fill: string, more: Attributes = {}): string {
  return filled('path', { d, fill }, more);
}

/** A line with round ends. */
export function stroke(d: string, colour: string, width: number, more: Attributes = {}): string {
  const { opacity, ...rest } = more;
  const line = { 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  return tag('path', { d, fill: 'none', stroke: colour, ...line, 'stroke-opacity': opacity, ...rest });
}

export function polygon(points: readonly Point[], fill: string, more: Attributes = {}): string {
  return filled(
    'polygon',
    { points: points.map((point) => point.map(round).join(',')).join(' '), fill },
    more,
  );
}

/** Draws content elsewhere, at another size; `flip` mirrors it. */
export function place(
  content: string,
  x: number,
  y: number,
  scale = 1,
  options: { flip?: boolean; turn?: number } = {},
): string {
  const turn = options.turn ? ` rotate(${round(options.turn)})` : '';
  const across = options.flip ? -scale : scale;
  const transform = `translate(${round(x)} ${round(y)}) scale(${round3(across)} ${round3(scale)})${turn}`;
  return tag('g', { transform }, content || ' ');
}

export function faded(content: string, opacity: number): string {
  return tag('g', { opacity }, content || ' ');
}

/** A smooth line through points (Catmull-Rom, as cubic curves). */
export function smooth(points: readonly Point[]): string {
  const at = (index: number) => points[Math.max(0, Math.min(points.length - 1, index))]!;
  const [first] = points;
  const curves = points.slice(1).map((end, index) => {
    const [before, start, after] = [at(index - 1), at(index), at(index + 2)];
    const leave = [start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6];
    const arrive = [end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6];
    return `C${[...leave, ...arrive, ...end].map(round).join(' ')}`;
  });
  return `M${round(first![0])} ${round(first![1])}${curves.join('')}`;
}

/** A smooth closed outline through points. */
export function blob(points: readonly Point[]): string {
  const ring = [points.at(-1)!, ...points, points[0]!, points[1]!];
  const whole = smooth(ring);
  const curves = whole.split('C').slice(2, -1);
  return `M${points[0]!.map(round).join(' ')}C${curves.join('C')}Z`;
}

/** A gradient and the fill that uses it. Stops are colours, evenly spread, or `[share, colour, opacity]`. */
export function gradient(
  id: string,
  kind: 'down' | 'across' | 'round',
  stops: readonly (string | readonly [number, string, number?])[],
): { definition: string; fill: string } {
  const inner = stops
    .map((stop, index) =>
      typeof stop === 'string' ? ([index / (stops.length - 1), stop, 1] as const) : stop,
    )
    .map(([offset, colour, opacity = 1]) =>
      tag('stop', { offset, 'stop-color': colour, 'stop-opacity': opacity }),
    )
    .join('');
  const direction = {
    down: { x1: 0, y1: 0, x2: 0, y2: 1 },
    across: { x1: 0, y1: 0, x2: 1, y2: 0 },
    round: {},
  }[kind];
  return {
    definition: tag(kind === 'round' ? 'radialGradient' : 'linearGradient', { id, ...direction }, inner),
    fill: `url(#${id})`,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
