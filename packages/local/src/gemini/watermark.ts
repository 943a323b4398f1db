import { crc32 } from 'node:zlib';

/** Writes a mark into the comments of a PNG or JPEG, so that copies of one image are different files. */
export function sign(image: Buffer, mark: string): Buffer {
  return image[0] === 0xff ? signJpeg(image, mark) : signPng(image, mark);
}

/** A text chunk before the last chunk, which is always 12 bytes long. */
function signPng(image: Buffer, mark: string): Buffer {
  const typed = Buffer.from(`tEXtComment\0${mark}`, 'latin1');
  const chunk = Buffer.alloc(typed.length + 8);
  chunk.writeUInt32BE(typed.length - 4, 0);
  typed.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typed), typed.length + 4);
  return Buffer.concat([image.subarray(0, -12), chunk, image.subarray(-12)]);
}

/** A comment segment after the first marker. */
function signJpeg(image: Buffer, mark: string): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(mark.length + 2, 2);
  return Buffer.concat([image.subarray(0, 2), head, Buffer.from(mark, 'latin1'), image.subarray(2)]);
}
