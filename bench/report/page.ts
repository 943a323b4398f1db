import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Recorded } from '../run.ts';
import { plot } from './plot.ts';
import { describeResult, figure } from './table.ts';

const order = ['intake', 'drain', 'overhead', 'push', 'in-flight', 'growth', 'recovery'];

/** Writes docs/benchmarks.md and its plots from the recorded results and remarks in bench/results. */
export async function writePage(root: string): Promise<void> {
  const results = await readResults(path.join(root, 'bench/results'));
  const plots = path.join(root, 'docs/benchmarks');
  await mkdir(plots, { recursive: true });
  const remarks = (await readFile(path.join(root, 'bench/results/remarks.md'), 'utf8')).trim();
  const parts: string[] = [];
  for (const result of results) parts.push(await writePart(result, plots));
  const versions = await readVersions(root);
  await writeFile(
    path.join(root, 'docs/benchmarks.md'),
    `${[head(results, versions), remarks, ...parts].join('\n\n')}\n`,
  );
}

async function readResults(folder: string): Promise<Recorded[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const results = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Recorded),
  );
  return results.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function writePart(result: Recorded, plots: string): Promise<string> {
  const images: string[] = [];
  for (const [at, measure] of result.measures.entries()) {
    if (measure.mixed) continue;
    const file = `${result.name}-${at + 1}.svg`;
    await writeFile(path.join(plots, file), plot(measure));
    images.push(`![${measure.name}, ${measure.unit}](benchmarks/${file})`);
  }
  const when = `Measured ${result.measuredAt} UTC in ${result.seconds} s${result.quick ? ', a small run whose figures mean little' : ''}: \`npm run bench -- --only ${result.name}\`.`;
  return [describeResult(result), ...images, when].join('\n\n');
}

function head(results: readonly Recorded[], versions: string): string {
  const [first] = results;
  const checks = results.flatMap(({ name, checks }) =>
    checks.map(
      ({ what, value, target, met }) =>
        `| ${name} | ${what} | ${figure(value)} | ${target} | ${met ? 'yes' : '**no**'} |`,
    ),
  );
  return `# Benchmarks

The cost of Darkroom compared with a floor (a bare loop that does the same work) and with other queues. Written by
\`npm run bench -- --record\` in about ten minutes; \`--only drain\` runs one suite, \`--quick\` is a small run.

All contestants of a suite take turns in one run. A ratio is the median of the ratios of each turn, so that a disturbance of
the machine affects both sides. CPU is the CPU time that the measured processes report, with all their threads. The load
generator, the model and the object store are separate processes on the same machine: absolute figures apply to this
machine only, ratios are portable. Postgres and Redis write to the disk (\`fsync\`, append-only file).

Machine: ${first?.machine}. Node ${first?.node}. ${versions}.

| suite | check | measured | target | met |
| --- | --- | ---: | --- | --- |
${checks.join('\n')}`;
}

async function readVersions(root: string): Promise<string> {
  const read = async (file: string) => JSON.parse(await readFile(path.join(root, file), 'utf8'));
  const { dependencies } = await read('bench/package.json');
  const { version } = await read('node_modules/bullmq/package.json');
  const peers = Object.entries({ bullmq: version, ...dependencies }).filter(([name]) => name !== 'undici');
  return `Peers: ${peers.map(([name, number]) => `${name} ${number}`).join(', ')}`;
}
