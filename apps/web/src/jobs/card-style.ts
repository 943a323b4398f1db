import type { CSSProperties } from 'react';

/** The ratio of width to height of a job's card. Narrow ones are widened to have room for text. */
export function cardStyle(ratio: string | null | undefined): CSSProperties {
  const [width = 1, height = 1] = (ratio ?? '1:1').split(':').map(Number);
  return { '--ratio': Math.min(2.4, Math.max(0.8, width / height)) } as CSSProperties;
}
