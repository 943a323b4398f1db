/** Models look at no more than this. */
const longestEdge = 2_048;
const smallEnoughBytes = 1_500_000;
const keptTypes = ['image/jpeg', 'image/png', 'image/webp'];

/**
 * The image, small enough to be sent: upright, at most 2,048 pixels long, as JPEG unless it is small already.
 * @throws where the browser cannot read it as an image
 */
export async function shrinkImage(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const scale = Math.min(1, longestEdge / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size <= smallEnoughBytes && keptTypes.includes(file.type)) return file;
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const paper = canvas.getContext('2d')!;
    // What is see-through becomes white: JPEG would make it black.
    paper.fillStyle = '#fff';
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/jpeg', 0.9),
    );
  } finally {
    bitmap.close();
  }
}
