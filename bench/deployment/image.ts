import sharp from 'sharp';

/**
 * A PNG that costs as much to decode as one from a model: soft shapes with some grain, about 1.4 MB at 1024 pixels.
 * Always the same.
 */
export async function makeImage(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3);
  let state = 42;
  const grain = () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (state >> 16) % 12;
  };
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const at = (y * side + x) * 3;
      const speck = grain();
      pixels[at] = 120 + 90 * Math.sin((x + y) / 190) + speck;
      pixels[at + 1] = 120 + 90 * Math.sin(x / 90 + y / 310) + speck;
      pixels[at + 2] = 120 + 90 * Math.cos((x - 2 * y) / 240) + speck;
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png({ adaptiveFiltering: true })
    .toBuffer();
}
