import { createHash } from 'node:crypto';
import { fetchPatiently } from '../deployment/fetch-with-retry.ts';
import { inBatches } from './in-batches.ts';
import type { JobRow } from './rows.ts';

/** Each completed job has one image, to be read at its URL with the recorded bytes; no other job has any. */
export async function judgeImages(rows: readonly JobRow[]): Promise<string[]> {
  const problems = await inBatches(rows, 8, async (row) => {
    if (row.status !== 'completed') return showsNothing(row);
    if (row.images !== 1) return [`completed job ${row.id} has ${row.images} image rows`];
    const found = await hashOf(row.output_image_url);
    const thumbnail = await hashOf(row.thumbnail_url);
    return [
      ...(found === row.sha256 ? [] : [`the image of job ${row.id} is ${found} instead of ${row.sha256}`]),
      ...(thumbnail.length === 64 ? [] : [`the thumbnail of job ${row.id} is ${thumbnail}`]),
    ];
  });
  return problems.flat();
}

function showsNothing({ id, status, images, output_image_url, thumbnail_url }: JobRow): string[] {
  return images > 0 || output_image_url || thumbnail_url ? [`${status} job ${id} shows an image`] : [];
}

async function hashOf(url: string | null): Promise<string> {
  if (!url) return 'without a URL';
  const response = await fetchPatiently(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) return `not readable (${response.status})`;
  return createHash('sha256').update(bytes).digest('hex');
}
