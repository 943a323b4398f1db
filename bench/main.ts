import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { SuiteResult } from './suites/suite.ts';

const usage = `npm run bench -- [--only NAME,NAME] [--quick] [--guard] [--record] [--profile]

Compares Darkroom with its floor and with other queues. Without --only, all suites: about ten minutes.
  --only     intake, drain, overhead, push, in-flight, growth, recovery
  --quick    a small run, to check that the benchmark works
  --guard    only intake and drain against their floors; exits 1 if a ratio is twice as bad as in
             bench/baseline.json, in two measurements
  --record   writes bench/results and docs/benchmarks.md (with --guard: bench/baseline.json)
  --profile  writes CPU profiles to .local/bench and reports where the time goes; --record implies it
`;

const guarded = ['intake', 'drain'];
const bench = import.meta.dirname;
const root = path.dirname(bench);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  return 1;
});

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!values.guard) await installPeers();
  const { suites, runSuites } = await import('./run.ts');
  const wanted = values.guard ? guarded : (values.only?.split(',') ?? Object.keys(suites));
  const unknown = wanted.filter((name) => !(name in suites));
  if (unknown.length > 0) throw new Error(`Unknown suite: ${unknown.join(', ')}.\n\n${usage}`);

  const scratch = path.join(root, '.local/bench');
  await mkdir(scratch, { recursive: true });
  const { describeResult } = await import('./report/table.ts');
  const measure = async () => {
    const results = await runSuites(wanted, {
      quick: values.quick,
      guard: values.guard,
      profiles: values.profile || (values.record && !values.guard) ? scratch : null,
      say,
    });
    for (const result of results) say(`\n${describeResult(result)}`);
    await keep(results, path.join(scratch, 'results'));
    return results;
  };
  if (values.guard) return guard(measure, { record: values.record });
  const results = await measure();
  if (values.record) {
    const { writePage } = await import('./report/page.ts');
    await keep(results, path.join(bench, 'results'));
    await writePage(root);
  }
  return 0;
}

/** Measures a second time before failing: noise rarely doubles a ratio twice. */
async function guard(
  measure: () => Promise<SuiteResult[]>,
  { record }: { record: boolean },
): Promise<number> {
  const { compareWithBaseline, toBaseline } = await import('./guard.ts');
  const file = path.join(bench, 'baseline.json');
  if (record) {
    await writeFile(file, `${JSON.stringify(toBaseline(await measure()), null, 2)}\n`);
    return 0;
  }
  const baseline = JSON.parse(await readFile(file, 'utf8'));
  const holds = async () => {
    const { lines, held } = compareWithBaseline(await measure(), baseline);
    say(`\n${lines.join('\n')}`);
    return held;
  };
  if (await holds()) return 0;
  say('\nMeasuring again:');
  return (await holds()) ? 0 : 1;
}

/** The peers are not part of the normal install; the guard does not need them. */
async function installPeers(): Promise<void> {
  const installer = pathToFileURL(path.join(root, 'scripts/run/install.mjs')).href;
  const { installDependencies } = await import(installer);
  await installDependencies(bench);
}

async function keep(results: readonly { name: string }[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const result of results) {
    await writeFile(path.join(folder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
