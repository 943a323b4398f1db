/** Models use no more pixels than this. */
const maxEdge = 2_048;
const smallEnoughBytes = 1_500_000;
const keptTypes = ['image/jpeg', 'image/png', 'image/webp'];

/**
 * Makes an image small enough to send: upright, at most 2,048 pixels on an edge, as JPEG. Returns small files unchanged.
 * @throws when the browser cannot read it as an image
 */
export async function shrinkImage(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const scale = Math.min(1, maxEdge / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size <= smallEnoughBytes && keptTypes.includes(file.type)) return file;
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext('2d')!;
    // JPEG would turn transparent parts black.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/jpeg', 0.9),
    );
  } finally {
    bitmap.close();
  }
}
