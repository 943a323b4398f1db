import { type Rules, storedImage } from './rules.ts';

/** A completed job of this user with objects of its own, and its row in the gallery. */
export async function completed(rules: Rules, userId: string, input: object = {}) {
  const { job } = await rules.submit(userId, { input });
  const worker = await rules.worker();
  const { attempt } = await rules.claim(job.id, worker);
  const stem = `users/${userId}/jobs/${job.id}/${attempt}-abc`;
  const keys = [`${stem}.png`, `${stem}-thumb.webp`] as const;
  await rules.query('select complete_job($1, $2, $3, 3)', [
    job.id,
    attempt,
    JSON.stringify({
      ...storedImage,
      object_key: keys[0],
      thumbnail_key: keys[1],
      image_url: `https://cdn.test/${keys[0]}`,
      thumbnail_url: `https://cdn.test/${keys[1]}`,
    }),
  ]);
  const [image] = await rules.query('select * from generated_images where job_id = $1', [job.id]);
  return { jobId: job.id as string, imageId: image!.id as string, keys };
}
