/** Lays rows out in columns as wide as they need to be, with a head. Empty cells show as `-`. Ends with a line feed. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => oneLine(cell)));
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) => {
      const cells = line.map((cell, at) => cell.padEnd(widths[at] ?? 0));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

/** Names and values below each other. Ends with a line feed. */
export function facts(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}\n`).join('');
}

function oneLine(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return '-';
  return String(value).replace(/\s+/g, ' ');
}
