import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix } from '../colour.ts';
import { type Point, shape, smooth, stroke } from '../svg.ts';

/** A piece of land and the height of its edge, so that things can stand on it. */
export interface Land {
  drawn: string;
  topAt(x: number): number;
}

/** A rolling hill across the whole image, `top` and `swing` in pixels. */
export function hill(canvas: Canvas, name: string, top: number, swing: number, colour: string): Land {
  const { width, height, unit, scene } = canvas;
  const random = canvas.random.fork(name);
  const [wave, phase, second] = [random.between(0.7, 1.3), random.between(0, 6.3), random.between(0, 6.3)];
  const topAt = (x: number) => {
    const turn = (x / Math.max(width, height * 0.8)) * Math.PI * 2 * wave;
    return top + swing * (Math.sin(turn + phase) + 0.4 * Math.sin(turn * 2.3 + second));
  };
  const edge = Array.from({ length: 25 }, (_, at): Point => [(width * at) / 24, topAt((width * at) / 24)]);
  const fill = canvas.gradient('down', [
    [0, lighten(colour, 0.14)],
    [0.35, colour],
    [1, darken(colour, scene.weather === 'snow' ? 0.07 : 0.22)],
  ]);
  const brushed = Array.from({ length: 60 }, () => {
    const [x, length] = [random.between(-0.05, 1) * width, random.between(5, 16) * unit];
    const wide = random.between(0.5, 1.9) * unit;
    const down = wide + unit + random.between(0, 1) ** 1.6 * (height - topAt(x));
    const line = smooth(
      [0, 0.5, 1].map((share): Point => [x + length * share, topAt(x + length * share) + down]),
    );
    const tone = random.chance(0.45)
      ? mix(lighten(colour, 0.3), canvas.palette.light, 0.25)
      : darken(colour, 0.25);
    return stroke(line, tone, wide, random.between(0.1, 0.26));
  });
  const rim = stroke(smooth(edge), lighten(colour, 0.4), unit * 0.6, 0.4);
  return {
    drawn: shape(`${smooth(edge)}L${width} ${height}L0 ${height}Z`, fill) + brushed.join('') + rim,
    topAt,
  };
}
