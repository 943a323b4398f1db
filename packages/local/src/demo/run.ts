import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoClient, DemoJob } from './client.ts';
import { paintInput } from './input.ts';
import type { Scenario } from './scenarios.ts';
import { createScreen, type Line } from './screen.ts';

export interface Finished {
  scenario: Scenario;
  job: DemoJob;
  /** The path of its image, if there is one. */
  file: string | null;
}

const pollEveryMs = 250;

/** Submits all jobs at once, shows them until they have ended, and saves the images. @throws when one does not end as expected. */
export async function runScenarios(
  client: DemoClient,
  plan: readonly Scenario[],
  options: { folder: string; out: NodeJS.WriteStream; signal: AbortSignal },
): Promise<Finished[]> {
  const screen = createScreen(options.out);
  const lines: Line[] = plan.map(({ title }) => ({ title, job: null }));
  const canceled = new Set<string>();
  await Promise.all(
    plan.map(async (scenario, at) => {
      const { job } = await client.submit(await toRequest(scenario));
      (lines[at] as Line).job = job;
    }),
  );

  while (lines.some(({ job }) => job && !hasEnded(job))) {
    screen.draw(lines);
    await sleep(pollEveryMs, undefined, { signal: options.signal });
    await Promise.all(
      lines.map(async (line, at) => {
        if (!line.job || hasEnded(line.job)) return;
        const seen = await client.job(line.job.id);
        if (seen.version > line.job.version) line.job = seen;
        const { cancelAt } = plan[at] as Scenario;
        if (cancelAt !== undefined && line.job.progress >= cancelAt && !canceled.has(line.job.id)) {
          canceled.add(line.job.id);
          line.job = await client.cancel(line.job.id);
        }
      }),
    );
  }
  screen.draw(lines);

  await clearImages(options.folder);
  return Promise.all(
    plan.map(async (scenario, at) => {
      const job = lines[at]?.job as DemoJob;
      if (job.status !== scenario.expected) {
        throw new Error(
          `${scenario.title}: ${job.status} instead of ${scenario.expected} (${job.error_code}: ${job.error_message})`,
        );
      }
      return { scenario, job, file: await saveImage(scenario, job, options.folder) };
    }),
  );
}

function hasEnded(job: DemoJob): boolean {
  return job.status !== 'pending' && job.status !== 'processing';
}

async function toRequest(scenario: Scenario): Promise<object> {
  return {
    prompt: scenario.prompt,
    aspect_ratio: scenario.aspectRatio,
    metadata: { scenario: scenario.name },
    ...(scenario.withInput ? { reference_image_base64: (await paintInput()).toString('base64') } : {}),
  };
}

async function clearImages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) {
    if (/\.(png|jpe?g|webp)$/.test(file)) await rm(path.join(folder, file));
  }
}

async function saveImage(scenario: Scenario, job: DemoJob, folder: string): Promise<string | null> {
  if (!job.output_image_url) return null;
  const response = await fetch(job.output_image_url);
  if (!response.ok) throw new Error(`${scenario.title}: the image could not be loaded: ${response.status}`);
  const file = path.join(folder, `${scenario.name}${path.extname(new URL(job.output_image_url).pathname)}`);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  return file;
}
