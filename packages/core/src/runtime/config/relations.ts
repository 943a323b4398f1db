import { formatDuration } from './duration.ts';
import { type Environment, remedyFor } from './environment.ts';
import type { ConfigProblem } from './error.ts';

/** Values that are each fine and do not fit together. Both names are in what is reported. */
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
      wrong: `(${formatDuration(SHUTDOWN_GRACE)}) is not shorter than JOB_DEADLINE (${formatDuration(JOB_DEADLINE)}), so a stopping worker would hold jobs until they are lost`,
      remedy: 'Lower SHUTDOWN_GRACE or raise JOB_DEADLINE, such as SHUTDOWN_GRACE=30s JOB_DEADLINE=10m',
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
        "(direct) prepares its statements and takes on its role once a session, and DATABASE_URL leads through a pooler in transaction mode (port 6543), whose sessions are anybody's",
      remedy:
        'Give the direct connection or the pooler in session mode (port 5432), or leave DB_TRANSPORT out',
    });
  }
  return problems;
}

/** `test` or `live`, where the key says so. */
function clerkInstance(key: string | undefined): string | undefined {
  return /^[sp]k_(test|live)_/.exec(key ?? '')?.[1];
}
