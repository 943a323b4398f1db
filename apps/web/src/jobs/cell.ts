import type { CSSProperties } from 'react';

/** How wide the frame of this aspect ratio is by its height. Very narrow ones get room for their words. */
export function cellStyle(ratio: string | null | undefined): CSSProperties {
  const [width = 1, height = 1] = (ratio ?? '1:1').split(':').map(Number);
  return { '--ratio': Math.min(2.4, Math.max(0.8, width / height)) } as CSSProperties;
}
