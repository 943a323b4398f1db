import type { Image } from '@darkroom/core/image/image';
import { inputLimits, inspectImage } from '@darkroom/core/image/inspect';
import { ownsKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import { invalid } from '../../problem/invalid.ts';
import { type InlineImage, imageTooLarge, inlineImageField } from './inline-image.ts';

/**
 * Looks whether this user may name the image by its key, in the field `path`. A worker that fetches it decodes it.
 * @throws ProblemError invalid_request, StorageUnavailable
 */
export async function checkStoredImage(
  storage: Pick<Storage, 'head'>,
  { userId, key, path = 'input_image_key' }: { userId: string; key: string; path?: string },
): Promise<void> {
  const object = ownsKey(userId, key) ? await storage.head(key) : null;
  if (object === null) throw invalid(path, 'There is no such image among your uploads.');
  if (object.size > inputLimits.maxBytes) {
    throw invalid(path, `The image may have at most ${inputLimits.maxBytes} bytes.`);
  }
  if (!imageTypes.test(object.mimeType)) throw invalid(path, 'What is stored there is no image.');
}

/** What may be an image by the type it was stored under. The native app stores some under none. */
const imageTypes = /^(image\/(png|jpeg|webp|gif|avif)|(application|binary)\/octet-stream)\s*(;|$)/i;

/** Decodes the image to its end. @throws ProblemError invalid_request, payload_too_large */
export async function checkInlineImage({ bytes }: InlineImage): Promise<Image> {
  const inspection = await inspectImage(bytes, inputLimits);
  if (inspection.ok) return { bytes, mimeType: inspection.mimeType };
  switch (inspection.reason) {
    case 'too_large':
      throw imageTooLarge();
    case 'too_many_pixels':
      throw invalid(inlineImageField, `The image may have at most ${inputLimits.maxPixels} pixels.`);
    case 'truncated':
      throw invalid(inlineImageField, 'The image is damaged: it does not decode to its end.');
    case 'not_an_image':
      throw invalid(inlineImageField, 'The bytes are not those of an image.');
  }
}
