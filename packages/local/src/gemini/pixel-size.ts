import type { PixelSize } from '@darkroom/painter/paint';

/** The 1K size of each aspect ratio: about one megapixel. */
const ONE_K: Record<string, [number, number]> = {
  '1:1': [1024, 1024],
  '2:3': [832, 1248],
  '3:2': [1248, 832],
  '3:4': [864, 1184],
  '4:3': [1184, 864],
  '4:5': [896, 1152],
  '5:4': [1152, 896],
  '9:16': [768, 1344],
  '16:9': [1344, 768],
  '21:9': [1536, 672],
  '1:4': [512, 2048],
  '4:1': [2048, 512],
  '1:8': [352, 2816],
  '8:1': [2816, 352],
};

const SCALE: Record<string, number> = { '1K': 1, '2K': 2, '4K': 4 };

/** The size in pixels for a known ratio and image size. */
export function pixelSize(aspectRatio: string, imageSize: string): PixelSize {
  const [width, height] = ONE_K[aspectRatio] ?? [1024, 1024];
  const scale = SCALE[imageSize] ?? 1;
  return { width: width * scale, height: height * scale };
}

/** The offered ratio that is nearest to the ratio of an image. */
export function nearestRatio(size: PixelSize, offered: string[]): string {
  const distance = (ratio: string) => {
    const [width = 1, height = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width / height / (size.width / size.height)));
  };
  return offered.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best), '1:1');
}
