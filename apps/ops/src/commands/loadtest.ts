import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditRow } from '@darkroom/db/credits/credits';
import type { JobTimes } from '@darkroom/db/operators/jobs';
import type { OperatorDatabase } from '@darkroom/db/operators/open';
import { type Command, type Input, type Tools, UsageError } from '../cli/command.ts';
import { readCount, readDuration } from '../cli/read-values.ts';
import { facts } from '../cli/table.ts';
import { spell } from '../cli/times.ts';
import { type Submission, submitAll } from '../loadtest/submit.ts';
import { type LoadSummary, type Spread, summarize } from '../loadtest/summary.ts';
import { commandTokens, readTokens, subjectOf, type Tokens } from '../loadtest/tokens.ts';

const lookEveryMs = 1_000;
const idsInAnAddress = 100;

/** Drives a running API as its users would, and says how it held up. */
export const loadtest: Command = {
  name: 'loadtest',
  summary:
    'asks a running API for many images and says how it held up (asks first: it spends credits and model calls)',
  options: {
    api: { value: '<url>', summary: 'the API, such as http://127.0.0.1:8080; needed' },
    users: { value: '<count>', summary: 'users that take turns, 10 by default' },
    jobs: { value: '<count>', summary: 'images in all, 100 by default' },
    rate: { value: '<per second>', summary: 'requests a second, 10 by default' },
    tokens: { value: '<file>', summary: 'session tokens, one a line' },
    'token-command': {
      value: '<command>',
      summary: 'or a command that prints one: "npm run token -- {user}"; {user} is loadtest-1 and so on',
    },
    grant: { value: '<credits>', summary: 'gives each user so many credits first' },
    prompt: { value: '<text>', summary: 'what to paint, "a load test" by default; the number follows' },
    timeout: { value: '<duration>', summary: 'how long to wait for the images, 15m by default' },
  },
  details: `
Times are the database's: wait is from accepted to taken by a worker, total from accepted to the image. Exits 1 when a
job did not end with an image, a request was refused, or the books are not in order afterwards.
The interrupt key stops asking; what was accepted goes on by itself.`,
  async run(input, tools) {
    const { operator, database, confirm, signal, say, live } = tools;
    const plan = await readPlan(input, tools);
    const { apiUrl, jobs, rate, tokens, grant } = plan;
    const granted = grant ? ` ${grant} credits are given to each of them first.` : '';
    await confirm(
      `${jobs} images will be asked of ${apiUrl} for ${tokens.users} users, ${rate} a second. That spends credits and calls of models.${granted}`,
    );
    await prepare(plan, tools);

    const ids: string[] = [];
    const begun = performance.now();
    let submitted = 0;
    const times = watch(operator(), ids, {
      signal,
      onLook: (seen) =>
        live(
          `${submitted}/${jobs} asked  ${ids.length} accepted  ${seen.filter(({ completed_at }) => completed_at).length} ended  ${spell(performance.now() - begun)}`,
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
      await times.stop();
      throw error;
    });
    const submittingMs = performance.now() - begun;
    const seen = await times.untilAllEnded(plan.timeoutMs);
    live('');
    if (signal.aborted) say('Interrupted: what was accepted goes on by itself.');

    const summary = summarize(submissions, seen, submittingMs);
    const audit = await database().audit();
    const well = summary.completed === summary.asked && summary.asked === jobs && audit.length === 0;
    return { data: { ...summary, audit }, text: describe(summary, audit), code: well ? 0 : 1 };
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
  if (!apiUrl || !URL.canParse(apiUrl)) throw new UsageError('--api is to be the address of a running API');
  const asked = input.option('users');
  const users = readCount(asked, { name: '--users', max: 10_000, byDefault: 10 });
  const [file, command] = [input.option('tokens'), input.option('token-command')];
  if ((file === undefined) === (command === undefined)) {
    throw new UsageError('either --tokens or --token-command is needed');
  }
  return {
    apiUrl,
    jobs: readCount(input.option('jobs'), { name: '--jobs', max: 1_000_000, byDefault: 100 }),
    rate: readCount(input.option('rate'), { name: '--rate', max: 1_000, byDefault: 10 }),
    grant: readCount(input.option('grant'), { name: '--grant', min: 0, max: 1_000_000, byDefault: 0 }),
    prompt: input.option('prompt') ?? 'a load test',
    timeoutMs: readDuration(input.option('timeout'), { name: '--timeout', byDefault: 900_000 }),
    tokens: file
      ? await readTokens(file, asked === undefined ? undefined : users)
      : commandTokens(command ?? '', { users, now }),
  };
}

/** Makes the users at the API's door, and gives them what they are to spend. */
async function prepare({ apiUrl, tokens, grant }: Plan, { database, live, signal }: Tools): Promise<void> {
  const run = randomUUID();
  for (let user = 0; user < tokens.users && !signal.aborted; user += 1) {
    live(`${user}/${tokens.users} users`);
    const token = await tokens.of(user);
    const response = await fetch(`${apiUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${apiUrl} does not let user ${user + 1} in: HTTP ${response.status}`);
    if (grant === 0) continue;
    const userId = subjectOf(token);
    const reference = `loadtest:${run}:${userId}`;
    await database().grantCredits({ userId, amount: grant, reference, reason: 'Load test' });
  }
}

/** Looks at the jobs of a growing list again and again. */
function watch(
  db: OperatorDatabase,
  ids: readonly string[],
  { signal, onLook }: { signal: AbortSignal; onLook(seen: readonly JobTimes[]): void },
) {
  const seen = new Map<string, JobTimes>();
  const stopping = new AbortController();
  let until = Number.POSITIVE_INFINITY;
  let complete = false;
  const looking = look();
  // Heard where it is waited for.
  looking.catch(() => undefined);

  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      const open = ids.filter((id) => !seen.get(id)?.completed_at);
      for (let from = 0; from < open.length; from += idsInAnAddress) {
        const rows = await db.listTimes({ jobIds: open.slice(from, from + idsInAnAddress) });
        for (const row of rows) seen.set(row.id, row);
      }
      onLook([...seen.values()]);
      const left = ids.some((id) => !seen.get(id)?.completed_at);
      if (complete && (!left || signal.aborted || performance.now() > until)) return;
      await pause(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    async untilAllEnded(timeoutMs: number): Promise<JobTimes[]> {
      complete = true;
      until = performance.now() + timeoutMs;
      await looking;
      return [...seen.values()];
    },
    async stop() {
      stopping.abort();
      await looking.catch(() => undefined);
    },
  };
}

function describe(summary: LoadSummary, audit: readonly AuditRow[]): string {
  return facts([
    ['asked', summary.asked],
    ['accepted', `${summary.accepted} (${summary.accepted_per_second} a second)`],
    ['refused', spellCounts(summary.refused)],
    ['completed', `${summary.completed} (${summary.completed_per_second} a second)`],
    ['failed', spellCounts(summary.failed)],
    ['unfinished', summary.unfinished],
    ['answer', spellSpread(summary.answer_ms)],
    ['wait', spellSpread(summary.wait_ms)],
    ['total', spellSpread(summary.total_ms)],
    ['audit', audit.length === 0 ? 'the books are in order' : `${audit.length} rows: see ops audit`],
  ]);
}

function spellCounts(counts: Record<string, number>): string {
  const parts = Object.entries(counts).map(([code, count]) => `${count} ${code}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}

function spellSpread(spread: Spread | null): string | null {
  return spread && `p50 ${spread.p50} ms, p95 ${spread.p95} ms, at most ${spread.max} ms`;
}
