import { randomUUID } from 'node:crypto';
import type { AuditRow } from '@darkroom/db/credits/credits';
import { type Command, type Input, type Tools, UsageError } from '../cli/command.ts';
import { parseCount, parseDurationOption } from '../cli/parse-values.ts';
import { facts } from '../display/table.ts';
import { spellDuration } from '../display/times.ts';
import { type Submission, submitAll } from '../loadtest/submit.ts';
import { type LoadSummary, type Spread, summarize } from '../loadtest/summary.ts';
import { commandTokens, readTokens, subjectOf, type Tokens } from '../loadtest/tokens.ts';
import { watchJobs } from '../loadtest/watch.ts';

export const loadtest: Command = {
  name: 'loadtest',
  summary:
    'submits many jobs to a running API and reports the results (asks first: spends credits and model calls)',
  options: {
    api: { value: '<url>', summary: 'the API, such as http://127.0.0.1:8080; required' },
    users: { value: '<count>', summary: 'number of users, 10 by default' },
    jobs: { value: '<count>', summary: 'number of jobs, 100 by default' },
    rate: { value: '<per second>', summary: 'requests per second, 10 by default' },
    tokens: { value: '<file>', summary: 'session tokens, one per line' },
    'token-command': {
      value: '<command>',
      summary:
        'or a command that prints one, such as "npm run token -- {user}"; {user} is loadtest-1 and so on',
    },
    grant: { value: '<credits>', summary: 'credits to give each user first' },
    prompt: { value: '<text>', summary: 'the prompt, "a load test" by default; a number is added' },
    timeout: { value: '<duration>', summary: 'how long to wait for the jobs to end, 15m by default' },
  },
  details: `
Times are measured by the database: wait is from acceptance to the claim by a worker, total from acceptance to the
image. Exits 1 if a job did not complete, a request was refused, or the audit finds anything afterwards.
Ctrl-C stops submitting; accepted jobs continue.`,
  async run(input, tools) {
    const { operator, database, confirm, signal, notice, progress } = tools;
    const plan = await readPlan(input, tools);
    const { apiUrl, jobs, rate, tokens, grant } = plan;
    const granted = grant ? ` Each user gets ${grant} credits first.` : '';
    await confirm(
      `${jobs} jobs will be submitted to ${apiUrl} for ${tokens.users} users, ${rate} per second. That spends credits and model calls.${granted}`,
    );
    await prepare(plan, tools);

    const ids: string[] = [];
    const begun = performance.now();
    let submitted = 0;
    const watcher = watchJobs(operator(), ids, {
      signal,
      onPoll: (seen) =>
        progress(
          `${submitted}/${jobs} submitted  ${ids.length} accepted  ${seen.filter(({ completed_at }) => completed_at).length} ended  ${spellDuration(performance.now() - begun)}`,
        ),
    });
    const submissions = await submitAll(plan, {
      tokenOf: tokens.of,
      users: tokens.users,
      signal,
      fetch: globalThis.fetch,
      onSubmission({ jobId }: Submission) {
        submitted += 1;
        if (jobId) ids.push(jobId);
      },
    }).catch(async (error: unknown) => {
      await watcher.stop();
      throw error;
    });
    const submittingMs = performance.now() - begun;
    const seen = await watcher.untilAllEnded(plan.timeoutMs);
    progress('');
    if (signal.aborted) notice('Interrupted: accepted jobs continue.');

    const summary = summarize(submissions, seen, submittingMs);
    const audit = await database().audit();
    const passed = summary.completed === summary.asked && summary.asked === jobs && audit.length === 0;
    return { data: { ...summary, audit }, text: describe(summary, audit), code: passed ? 0 : 1 };
  },
};

interface Plan {
  apiUrl: string;
  jobs: number;
  rate: number;
  prompt: string;
  tokens: Tokens;
  grant: number;
  timeoutMs: number;
}

async function readPlan(input: Input, { now }: Tools): Promise<Plan> {
  const apiUrl = input.option('api')?.replace(/\/+$/, '');
  if (!apiUrl || !URL.canParse(apiUrl)) throw new UsageError('--api must be the URL of a running API');
  const asked = input.option('users');
  const users = parseCount(asked, { name: '--users', max: 10_000, byDefault: 10 });
  const [file, command] = [input.option('tokens'), input.option('token-command')];
  if ((file === undefined) === (command === undefined)) {
    throw new UsageError('give either --tokens or --token-command');
  }
  return {
    apiUrl,
    jobs: parseCount(input.option('jobs'), { name: '--jobs', max: 1_000_000, byDefault: 100 }),
    rate: parseCount(input.option('rate'), { name: '--rate', max: 1_000, byDefault: 10 }),
    grant: parseCount(input.option('grant'), { name: '--grant', min: 0, max: 1_000_000, byDefault: 0 }),
    prompt: input.option('prompt') ?? 'a load test',
    timeoutMs: parseDurationOption(input.option('timeout'), { name: '--timeout', byDefault: 900_000 }),
    tokens: file
      ? await readTokens(file, asked === undefined ? undefined : users)
      : commandTokens(command ?? '', { users, now }),
  };
}

/** Creates the users by their first request, and grants them credits. */
async function prepare(
  { apiUrl, tokens, grant }: Plan,
  { database, progress, signal }: Tools,
): Promise<void> {
  const run = randomUUID();
  for (let user = 0; user < tokens.users && !signal.aborted; user += 1) {
    progress(`${user}/${tokens.users} users`);
    const token = await tokens.of(user);
    const response = await fetch(`${apiUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok)
      throw new Error(`${apiUrl} refuses the token of user ${user + 1}: HTTP ${response.status}`);
    if (grant === 0) continue;
    const userId = subjectOf(token);
    const reference = `loadtest:${run}:${userId}`;
    await database().grantCredits({ userId, amount: grant, reference, reason: 'Load test' });
  }
}

function describe(summary: LoadSummary, audit: readonly AuditRow[]): string {
  return facts([
    ['submitted', summary.asked],
    ['accepted', `${summary.accepted} (${summary.accepted_per_second} per second)`],
    ['refused', formatCounts(summary.refused)],
    ['completed', `${summary.completed} (${summary.completed_per_second} per second)`],
    ['failed', formatCounts(summary.failed)],
    ['unfinished', summary.unfinished],
    ['answer', formatSpread(summary.answer_ms)],
    ['wait', formatSpread(summary.wait_ms)],
    ['total', formatSpread(summary.total_ms)],
    ['audit', audit.length === 0 ? 'all credits add up' : `${audit.length} rows: see ops audit`],
  ]);
}

function formatCounts(counts: Record<string, number>): string {
  const parts = Object.entries(counts).map(([code, count]) => `${count} ${code}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}

function formatSpread(spread: Spread | null): string | null {
  return spread && `p50 ${spread.p50} ms, p95 ${spread.p95} ms, at most ${spread.max} ms`;
}
