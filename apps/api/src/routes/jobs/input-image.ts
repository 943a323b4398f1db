import type { Image } from '@darkroom/core/image/image';
import { inputLimits, inspectImage } from '@darkroom/core/image/inspect';
import { ownsKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import { invalidField } from '../../problem/validation.ts';
import { type InlineImage, imageTooLarge, inlineImageField } from './inline-image.ts';

/**
 * Checks that this user may use the stored object `key`, named in the field `path`. The worker decodes it.
 * @throws ProblemError invalid_request, StorageUnavailable
 */
export async function checkStoredImage(
  storage: Pick<Storage, 'head'>,
  { userId, key, path = 'input_image_key' }: { userId: string; key: string; path?: string },
): Promise<void> {
  const object = ownsKey(userId, key) ? await storage.head(key) : null;
  if (object === null)
    throw invalidField(
      path,
      'There is no such image among your uploads. Upload it first with POST /v1/uploads.',
    );
  if (object.size > inputLimits.maxBytes) {
    throw invalidField(path, `The image may have at most ${inputLimits.maxBytes} bytes.`);
  }
  if (!imageTypes.test(object.mimeType))
    throw invalidField(path, 'The object is not an image. Upload a PNG, JPEG or WebP image.');
}

/** Content types that may be an image. The native app stores some images without a specific type. */
const imageTypes = /^(image\/(png|jpeg|webp|gif|avif)|(application|binary)\/octet-stream)\s*(;|$)/i;

/** Decodes the whole image. @throws ProblemError invalid_request, payload_too_large */
export async function checkInlineImage({ bytes }: InlineImage): Promise<Image> {
  const inspection = await inspectImage(bytes, inputLimits);
  if (inspection.ok) return { bytes, mimeType: inspection.mimeType };
  switch (inspection.reason) {
    case 'too_large':
      throw imageTooLarge();
    case 'too_many_pixels':
      throw invalidField(inlineImageField, `The image may have at most ${inputLimits.maxPixels} pixels.`);
    case 'truncated':
      throw invalidField(inlineImageField, 'The image is damaged or incomplete. Send the whole file.');
    case 'not_an_image':
      throw invalidField(inlineImageField, 'The bytes are not an image in a supported format.');
  }
}
