import sharp from 'sharp';
import type { Painted } from './answer.ts';
import type { Fault } from './faults.ts';

/** Damages an image as the fault says; without a fault it returns the image unchanged. */
export async function damageImage(painted: Painted, fault: Fault | null): Promise<Painted> {
  switch (fault?.kind) {
    case 'truncated':
      return { ...painted, bytes: painted.bytes.subarray(0, painted.bytes.length / 2) };
    case 'not_an_image':
      return { ...painted, bytes: Buffer.from('These are words, whatever the type says.') };
    case 'wrong_mime': {
      const isPng = painted.mimeType === 'image/png';
      return {
        ...painted,
        bytes: await sharp(painted.bytes)
          .toFormat(isPng ? 'jpeg' : 'png')
          .toBuffer(),
      };
    }
    default:
      return painted;
  }
}
