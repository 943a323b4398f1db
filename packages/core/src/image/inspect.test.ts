import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { imageForModel } from './for-model.ts';
import { inspectAndThumbnail, inspectImage, outputLimits } from './inspect.ts';
import { configureImages } from './settings.ts';
import { makeThumbnail } from './thumbnail.ts';

configureImages();

/** Noise, so that the image has many bytes and truncation removes pixels. */
function paint(width: number, height: number) {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
}
const limits = outputLimits;
const encoded = {
  'image/png': await paint(90, 60).png().toBuffer(),
  'image/jpeg': await paint(90, 60).jpeg().toBuffer(),
  'image/webp': await paint(90, 60).webp().toBuffer(),
  'image/gif': await paint(90, 60).gif().toBuffer(),
  'image/avif': await paint(90, 60).avif({ effort: 0 }).toBuffer(),
};
const formats = Object.entries(encoded);

describe.each([
  ['inspecting', inspectImage],
  ['inspecting with a thumbnail', inspectAndThumbnail],
])('%s', (_, inspect) => {
  test.each(formats)('returns the type and size of %s', async (mimeType, bytes) => {
    expect(await inspect(bytes, limits)).toMatchObject({ ok: true, mimeType, width: 90, height: 60 });
  });

  test.each(formats)('detects a truncated %s', async (_, bytes) => {
    for (const share of [0.05, 0.3, 0.6, 0.95]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(await inspect(cut, limits)).toEqual({ ok: false, reason: 'truncated' });
    }
  });

  test('detects broken pixels after an intact header', async () => {
    const bytes = Buffer.from(encoded['image/png']);
    bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 200);
    expect(await inspect(bytes, limits)).toEqual({ ok: false, reason: 'truncated' });
  });

  test.each([
    ['an empty file', ''],
    ['text', 'a lighthouse at dusk'],
    ['HTML', '<!doctype html><p>502'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['SVG in XML', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['PDF', '%PDF-1.7'],
  ])('rejects %s', async (_, text) => {
    expect(await inspect(Buffer.from(text), limits)).toEqual({ ok: false, reason: 'not_an_image' });
  });

  test('rejects TIFF, although the decoder supports it', async () => {
    const tiff = await paint(9, 9).tiff().toBuffer();
    expect(await inspect(tiff, limits)).toEqual({ ok: false, reason: 'not_an_image' });
  });

  test('accepts an image of a single pixel', async () => {
    expect(await inspect(await paint(1, 1).png().toBuffer(), limits)).toMatchObject({ width: 1, height: 1 });
  });

  test('enforces the limits', async () => {
    const bytes = encoded['image/png'];
    const refused = (reason: string) => ({ ok: false, reason });
    expect(await inspect(bytes, { ...limits, maxPixels: 90 * 60 })).toMatchObject({ ok: true });
    expect(await inspect(bytes, { ...limits, maxPixels: 90 * 60 - 1 })).toEqual(refused('too_many_pixels'));
    expect(await inspect(bytes, { ...limits, maxBytes: bytes.length - 1 })).toEqual(refused('too_large'));
  });

  test('applies the EXIF rotation to the size', async () => {
    const turned = await paint(90, 60).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await inspect(turned, limits)).toMatchObject({ ok: true, width: 60, height: 90 });
  });
});

describe('a thumbnail', () => {
  const sizeOf = async (bytes: Buffer) => {
    const { format, width, height } = await sharp(bytes).metadata();
    return { format, width, height };
  };

  test('is WebP with 512 pixels on its longer side', async () => {
    const { bytes, mimeType } = await makeThumbnail(await paint(1_024, 640).png().toBuffer());
    expect(mimeType).toBe('image/webp');
    expect(await sizeOf(bytes)).toEqual({ format: 'webp', width: 512, height: 320 });
  });

  test('is upright and not enlarged', async () => {
    const turned = await paint(90, 60).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await sizeOf((await makeThumbnail(turned)).bytes)).toMatchObject({ width: 60, height: 90 });
  });

  test('is the same when made by the inspection', async () => {
    const bytes = encoded['image/jpeg'];
    const found = await inspectAndThumbnail(bytes, limits);
    expect(found).toMatchObject({ ok: true, thumbnail: { mimeType: 'image/webp' } });
    expect(found.ok && found.thumbnail?.bytes.equals((await makeThumbnail(bytes)).bytes)).toBe(true);
  });
});

test('an image for a model has a format that every model accepts', async () => {
  const jpeg = { bytes: encoded['image/jpeg'], mimeType: 'image/jpeg' };
  expect(await imageForModel(jpeg)).toBe(jpeg);
  const { bytes, mimeType } = await imageForModel({ bytes: encoded['image/gif'], mimeType: 'image/gif' });
  expect(mimeType).toBe('image/png');
  expect(await inspectImage(bytes, limits)).toMatchObject({ mimeType: 'image/png', width: 90, height: 60 });
});
