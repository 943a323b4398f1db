import { backoff } from '../../job/retry-policy.ts';
import { formatDuration } from './duration.ts';
import { type Environment, remedyFor, type Values } from './environment.ts';
import type { ConfigProblem } from './error.ts';

/** How long a worker's lease lasts; the function `heartbeat` of the database sets it. */
const leaseMs = 30_000;
/** Large images take up to this long. */
const slowImageMs = 20_000;

/** Settings that are valid alone and contradict each other: no process starts with them. */
export function findContradictions({ values, nameOf }: Environment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { MODEL_TIMEOUT, JOB_DEADLINE, SHUTDOWN_GRACE, CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY } = values;
  const { DB_TRANSPORT, DATABASE_URL } = values;

  if (MODEL_TIMEOUT >= JOB_DEADLINE) {
    problems.push({
      variable: 'MODEL_TIMEOUT',
      wrong: `(${formatDuration(MODEL_TIMEOUT)}) is not shorter than JOB_DEADLINE (${formatDuration(JOB_DEADLINE)}), so a job would end before its first model call could`,
      remedy: 'Lower MODEL_TIMEOUT or raise JOB_DEADLINE, such as MODEL_TIMEOUT=120s JOB_DEADLINE=10m',
    });
  }
  if (SHUTDOWN_GRACE >= JOB_DEADLINE) {
    problems.push({
      variable: 'SHUTDOWN_GRACE',
      wrong: `(${formatDuration(SHUTDOWN_GRACE)}) is not shorter than JOB_DEADLINE (${formatDuration(JOB_DEADLINE)}), so a stopping worker would keep jobs until they fail`,
      remedy: 'Lower SHUTDOWN_GRACE or raise JOB_DEADLINE, such as SHUTDOWN_GRACE=150s JOB_DEADLINE=10m',
    });
  }
  const instances = [clerkInstance(CLERK_SECRET_KEY), clerkInstance(CLERK_PUBLISHABLE_KEY)];
  if (instances.includes('test') && instances.includes('live')) {
    problems.push({
      variable: 'CLERK_SECRET_KEY',
      wrong: `and ${nameOf('CLERK_PUBLISHABLE_KEY')} belong to different instances, one for tests and one that is live`,
      remedy: 'Take both keys from the same page of the Clerk dashboard, such as sk_live_… and pk_live_…',
    });
  }
  if (DB_TRANSPORT === 'direct' && DATABASE_URL === undefined) {
    problems.push({
      variable: 'DB_TRANSPORT',
      wrong: '(direct) needs DATABASE_URL, which is not set or cannot be read',
      remedy: `${remedyFor('DATABASE_URL')}, or leave DB_TRANSPORT out`,
    });
  }
  if (DB_TRANSPORT === 'direct' && DATABASE_URL !== undefined && new URL(DATABASE_URL).port === '6543') {
    problems.push({
      variable: 'DB_TRANSPORT',
      wrong:
        '(direct) needs sessions of its own for prepared statements and its role, and DATABASE_URL points to a pooler in transaction mode (port 6543), which shares them',
      remedy:
        'Give the direct connection or the pooler in session mode (port 5432), or leave DB_TRANSPORT out',
    });
  }
  return problems;
}

/** Settings that work, but have no effect or cost money beside another one. Logged at the start and shown by doctor. */
export function findWarnings(values: Partial<Values>): ConfigProblem[] {
  const { JOB_DEADLINE, MODEL_TIMEOUT, SHUTDOWN_GRACE, MAX_ATTEMPTS, MAX_MODEL_CALLS, GEMINI_MODELS } =
    values;
  const warnings: ConfigProblem[] = [];

  if (isLess(JOB_DEADLINE, 2 * leaseMs + 1)) {
    warnings.push({
      variable: 'JOB_DEADLINE',
      wrong: `(${formatDuration(JOB_DEADLINE)}) leaves no time for a second worker if the first dies: a lease lasts ${formatDuration(leaseMs)}`,
      remedy: 'Raise it, such as JOB_DEADLINE=10m',
    });
  }
  if (isLess(SHUTDOWN_GRACE, MODEL_TIMEOUT)) {
    warnings.push({
      variable: 'SHUTDOWN_GRACE',
      wrong: `(${formatDuration(SHUTDOWN_GRACE)}) is shorter than MODEL_TIMEOUT (${formatDuration(MODEL_TIMEOUT ?? 0)}): a stopping worker aborts model calls, which may be billed and are repeated`,
      remedy: 'Raise it, such as SHUTDOWN_GRACE=150s, and keep the orchestrator’s own limit above it',
    });
  }
  if (isLess(MAX_MODEL_CALLS, MAX_ATTEMPTS)) {
    warnings.push({
      variable: 'MAX_ATTEMPTS',
      wrong: `(${MAX_ATTEMPTS}) is more than MAX_MODEL_CALLS (${MAX_MODEL_CALLS}): an attempt without a model call left fails`,
      remedy: `Lower it to ${MAX_MODEL_CALLS}, or raise MAX_MODEL_CALLS`,
    });
  }
  const minBackoffMs = ((MAX_ATTEMPTS ?? 1) - 1) * backoff.baseMs;
  if (isLess(JOB_DEADLINE, minBackoffMs)) {
    warnings.push({
      variable: 'MAX_ATTEMPTS',
      wrong: `(${MAX_ATTEMPTS}) allows more attempts than fit before JOB_DEADLINE (${formatDuration(JOB_DEADLINE)}): each retry waits at least ${formatDuration(backoff.baseMs)}`,
      remedy: 'Lower it, such as MAX_ATTEMPTS=3, or raise JOB_DEADLINE',
    });
  }
  if (isLess(MAX_MODEL_CALLS, GEMINI_MODELS?.length)) {
    warnings.push({
      variable: 'MAX_MODEL_CALLS',
      wrong: `(${MAX_MODEL_CALLS}) is used up before the last of the ${GEMINI_MODELS?.length} models of GEMINI_MODELS is called`,
      remedy: 'Raise it to at least the number of models, or list fewer models',
    });
  }
  if (isLess(MODEL_TIMEOUT, slowImageMs)) {
    warnings.push({
      variable: 'MODEL_TIMEOUT',
      wrong: `(${formatDuration(MODEL_TIMEOUT)}) is shorter than large images take, and an aborted call may be billed`,
      remedy: 'Raise it, such as MODEL_TIMEOUT=120s',
    });
  }
  return warnings;
}

/** False where either is missing: a value that cannot be read is reported as such. */
function isLess(value: number | undefined, bound: number | undefined): value is number {
  return value !== undefined && bound !== undefined && value < bound;
}

/** `test` or `live`, where the key says so. */
function clerkInstance(key: string | undefined): string | undefined {
  return /^[sp]k_(test|live)_/.exec(key ?? '')?.[1];
}
