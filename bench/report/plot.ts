import { median, quantile } from '../suites/statistics.ts';
import { darkroom, type Measure } from '../suites/suite.ts';
import { figure } from './table.ts';

const width = 760;
/** An upper bound for the usual fonts. */
const letterWidth = 7.6;
const figureWidth = 90;
const barHeight = 22;
const gap = 8;
const top = 40;

/** An SVG with bars for the medians and lines from the minimum to the maximum, for light and dark pages. */
export function plot({ name, unit, better, values }: Measure): string {
  const names = Object.keys(values).filter((contestant) => values[contestant]!.length > 0);
  const most = Math.max(...names.map((contestant) => quantile(values[contestant]!, 0.95)), Number.EPSILON);
  const labelWidth = 20 + letterWidth * Math.max(...names.map(({ length }) => length));
  const room = width - labelWidth - figureWidth;
  const x = (value: number) => labelWidth + (Math.min(Math.max(value, 0), most) / most) * room;
  const height = top + names.length * (barHeight + gap) + 6;

  const bars = names.map((contestant, at) => {
    const all = values[contestant]!;
    const middle = median(all);
    const y = top + at * (barHeight + gap);
    const centre = y + barHeight / 2;
    const colour = contestant.startsWith(darkroom) ? '#c2410c' : '#8b8fa3';
    const [least, highest] = [x(quantile(all, 0)), x(quantile(all, 1))];
    return [
      `<text x="${labelWidth - 10}" y="${centre + 4}" text-anchor="end">${quote(contestant)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${Math.max(1, x(middle) - labelWidth).toFixed(1)}" height="${barHeight}" rx="2" fill="${colour}"/>`,
      `<path d="M${least.toFixed(1)} ${centre}H${highest.toFixed(1)}" stroke="#3b3f54" stroke-width="1.5"/>`,
      `<text x="${(Math.max(x(middle), highest) + 8).toFixed(1)}" y="${centre + 4}">${figure(middle)}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${quote(`${name}, ${unit}`)}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<g fill="#1b1d28">
<text x="10" y="22" font-size="15" font-weight="600">${quote(name)} <tspan font-weight="400" fill="#5b5f73">${quote(unit)}, ${better} is better</tspan></text>
${bars.join('\n')}
</g>
</svg>
`;
}

function quote(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
