/**
 * npm test [-- --all] [--guard]: types, lint, unit tests and the suites on real parts.
 * --all adds what takes minutes (storms, long models, real waits); --guard a short benchmark, which fails when something
 * costs twice what bench/baseline.json says.
 * npm test -- <file…> [-t <name>]: these tests alone.
 *
 * Ends with what failed and how to run it alone, then with "N passed, N failed".
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runScript, runTasks, runTool } from './checks.ts';

interface Report {
  testResults: { name: string; status: string; assertionResults: TestResult[] }[];
}

interface TestResult {
  ancestorTitles: string[];
  title: string;
  status: string;
  tags: string[];
}

const root = path.resolve(import.meta.dirname, '..');
const reportFile = path.join(root, '.local/test-results.json');

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    guard: { type: 'boolean', default: false },
    testNamePattern: { type: 'string', short: 't' },
  },
});
const isSelection = files.length > 0 || options.testNamePattern !== undefined;
const withSlow = options.all || isSelection;

let passed = 0;
let failed = 0;
let skipped = 0;
let slow = 0;
const failures: string[] = [];

if (!isSelection) {
  say('Types and style …');
  if (!(await runTasks('types', 'lint'))) fail('types and style — npm run verify');
}
await runTests();
if (options.guard) {
  say('Cost beside the baseline …');
  if (await runScript('bench/main.ts', ['--guard'])) passed += 1;
  else fail('a benchmark — npm run bench -- --guard');
}
if (passed + failed === 0) fail('no test ran');
if (process.env.CI && skipped > 0) fail(`${skipped} tests were skipped: in CI every test must run`);

if (slow > 0) say(`${slow} slow tests were left out; npm test -- --all runs them too.`);
for (const failure of failures) say(`failed: ${failure}`);
say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;

async function runTests(): Promise<void> {
  say('Unit tests, and suites on Postgres, Redis and the local stack …');
  rmSync(reportFile, { force: true });
  const succeeded = await runTool('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...(withSlow ? [] : ['--tags-filter=!slow']),
    ...(options.testNamePattern === undefined ? [] : ['--testNamePattern', options.testNamePattern]),
    ...files,
  ]);
  for (const { name, status, assertionResults } of readReport()?.testResults ?? []) {
    takeFile(path.relative(root, name), status === 'failed', assertionResults);
  }
  // An error outside of every file fails the run alone.
  if (!succeeded && failed === 0) fail('the test run, outside of any test: see above');
}

function takeFile(file: string, fileFailed: boolean, tests: TestResult[]): void {
  let unrun = 0;
  for (const test of tests) {
    if (test.status === 'passed') passed += 1;
    else if (test.status === 'failed') fail(describeFailure(file, test));
    else if (!withSlow && test.tags.includes('slow')) slow += 1;
    // With a pattern given, the tests that it leaves out are reported as skipped, too.
    else if (options.testNamePattern === undefined) unrun += 1;
  }
  if (!fileFailed) skipped += unrun;
  // The file could not be loaded, or a hook failed before these tests.
  else if (unrun > 0 || !tests.some(({ status }) => status === 'failed')) {
    fail(`${file} — npm test -- ${file}`, Math.max(1, unrun));
  }
}

function fail(what: string, tests = 1): void {
  failures.push(what);
  failed += tests;
}

function describeFailure(file: string, { ancestorTitles, title }: TestResult): string {
  const names = [...ancestorTitles, title].filter((name) => name !== '');
  // A pattern for Vitest, inside double quotes for a shell.
  const pattern = names.join(' ').replace(/[^\p{L}\p{N} ,:;_'-]/gu, '.');
  return `${file} > "${names.join(' > ')}" — npm test -- ${file} -t "${pattern}"`;
}

/** Without a report nothing ran. */
function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return null;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
