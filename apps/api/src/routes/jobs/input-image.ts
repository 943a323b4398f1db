import { inputLimits, inspectPicture } from '@darkroom/core/picture/inspect';
import type { Picture } from '@darkroom/core/picture/picture';
import { ownsKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import { invalid } from '../../problem/invalid.ts';
import { type InlinePicture, inlinePictureField, pictureTooLarge } from './inline-picture.ts';

/**
 * Looks whether this user may name the picture by its key, in the field `path`. A worker that fetches it decodes it.
 * @throws ProblemError invalid_request, StorageUnavailable
 */
export async function checkStoredPicture(
  storage: Pick<Storage, 'head'>,
  { userId, key, path = 'input_image_key' }: { userId: string; key: string; path?: string },
): Promise<void> {
  const object = ownsKey(userId, key) ? await storage.head(key) : null;
  if (object === null) throw invalid(path, 'There is no such picture among your uploads.');
  if (object.size > inputLimits.maxBytes) {
    throw invalid(path, `The picture may have at most ${inputLimits.maxBytes} bytes.`);
  }
  if (!pictureTypes.test(object.mimeType)) throw invalid(path, 'What is stored there is no picture.');
}

/** What may be a picture by the type it was stored under. The native app stores some under none. */
const pictureTypes = /^(image\/(png|jpeg|webp|gif|avif)|(application|binary)\/octet-stream)\s*(;|$)/i;

/** Decodes the picture to its end. @throws ProblemError invalid_request, payload_too_large */
export async function checkInlinePicture({ bytes }: InlinePicture): Promise<Picture> {
  const inspection = await inspectPicture(bytes, inputLimits);
  if (inspection.ok) return { bytes, mimeType: inspection.mimeType };
  switch (inspection.reason) {
    case 'too_large':
      throw pictureTooLarge();
    case 'too_many_pixels':
      throw invalid(inlinePictureField, `The picture may have at most ${inputLimits.maxPixels} pixels.`);
    case 'truncated':
      throw invalid(inlinePictureField, 'The picture is damaged: it does not decode to its end.');
    case 'not_an_image':
      throw invalid(inlinePictureField, 'The bytes are not those of a picture.');
  }
}
