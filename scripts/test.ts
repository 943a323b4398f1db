/**
 * npm test [-- --guard]: types, style, unit tests and every suite on the real parts, nothing taken from a cache; with
 * --guard also a short benchmark, which fails when something costs twice what bench/baseline.json says.
 * Ends with one line, "N passed, N failed"; a check or a suite that fails as a whole counts as one.
 */
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkTypesAndStyle, runScript, runTask, runTool } from './checks.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const root = path.resolve(import.meta.dirname, '..');
const results = '.local/test-results.json';
const unitResults = '.turbo/unit.json';
const unitReports = `{apps,packages}/*/${unitResults}`;

const { guard } = parseArgs({ options: { guard: { type: 'boolean', default: false } } }).values;
const counts = sum([await runChecks(), await runUnitTests(), await runSuites()]);
if (guard) add(counts, await runGuard());
if (counts.passed + counts.failed === 0) {
  say('No test ran.');
  counts.failed = 1;
}
if (process.env.CI && counts.skipped > 0) {
  say(`${counts.skipped} tests were skipped: in CI every test must run.`);
  counts.failed += 1;
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
say(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function runChecks(): Promise<Counts> {
  say('Types and style …');
  const passed = await checkTypesAndStyle({ force: true });
  return { passed: 0, failed: passed ? 0 : 1, skipped: 0 };
}

async function runUnitTests(): Promise<Counts> {
  say('Unit tests …');
  for (const report of globSync(unitReports, { cwd: root })) rmSync(path.join(root, report));
  const args = ['--reporter=default', '--reporter=json', `--outputFile.json=${unitResults}`];
  const passed = await runTask('unit', { force: true, args });
  const reports = globSync(unitReports, { cwd: root });
  return atLeastOneFailure(sum(reports.map((report) => read(path.join(root, report)))), passed);
}

async function runSuites(): Promise<Counts> {
  say('Suites on Postgres, Redis and the local stack …');
  rmSync(path.join(root, results), { force: true });
  const args = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const passed = await runTool('vitest', ['run', ...args]);
  return atLeastOneFailure(read(path.join(root, results)), passed);
}

async function runGuard(): Promise<Counts> {
  say('Cost beside the baseline …');
  const held = await runScript('bench/main.ts', ['--guard']);
  return { passed: held ? 1 : 0, failed: held ? 0 : 1, skipped: 0 };
}

/** Vitest's report; without one nothing ran. */
function read(file: string): Counts {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/** A file that cannot be loaded, or an error outside of a test, fails the run but no test of it. */
function atLeastOneFailure(counted: Counts, passed: boolean): Counts {
  return passed ? counted : { ...counted, failed: Math.max(1, counted.failed) };
}

function sum(all: Counts[]): Counts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of all) add(total, counts);
  return total;
}

function add(total: Counts, { passed, failed, skipped }: Counts): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
