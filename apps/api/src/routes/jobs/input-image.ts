import { inputLimits, inspectPicture } from '@darkroom/core/picture/inspect';
import type { Picture } from '@darkroom/core/picture/picture';
import { ownsKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import { invalid } from '../../problem/invalid.ts';
import { type InlinePicture, inlinePictureField, pictureTooLarge } from './inline-picture.ts';

/**
 * Looks whether a job of this user may name the picture by its key. The worker looks again when it fetches it.
 * @throws ProblemError invalid_request, StorageUnavailable
 */
export async function checkStoredPicture(
  storage: Pick<Storage, 'head'>,
  { userId, key }: { userId: string; key: string },
): Promise<void> {
  const object = ownsKey(userId, key) ? await storage.head(key) : null;
  if (object === null) throw invalid('input_image_key', 'There is no such picture among your uploads.');
  if (object.size > inputLimits.maxBytes) {
    throw invalid('input_image_key', `The picture may have at most ${inputLimits.maxBytes} bytes.`);
  }
}

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
