import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';

export const replayUsage = 'npm run ops -- webhooks replay <delivery id> | --job <job id>';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes one delivery, or all of a job, due again at once, and prints what will be sent.
 * @returns the exit code: 0, 1 when there is no such delivery, 2 when the command is not understood.
 */
export async function replayWebhooks(deps: {
  db: Pick<Database, 'replayWebhooks'>;
  print(text: string): void;
  complain(text: string): void;
  options: readonly string[];
}): Promise<0 | 1 | 2> {
  const { db, print, complain, options } = deps;
  const which = readWhich(options);
  if (which === null) {
    complain(`Usage: ${replayUsage}\n`);
    return 2;
  }
  try {
    for (const { id, job_id, type, host, attempts } of await db.replayWebhooks(which)) {
      print(`${id}  ${type} of job ${job_id} goes to ${host} again, after ${attempts} attempts\n`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
    complain('jobId' in which ? 'This job has no deliveries.\n' : 'There is no such delivery.\n');
    return 1;
  }
}

function readWhich(options: readonly string[]): { deliveryId: string } | { jobId: string } | null {
  const [first = '', second = ''] = options;
  if (options.length === 1 && uuid.test(first)) return { deliveryId: first };
  if (options.length === 2 && first === '--job' && uuid.test(second)) return { jobId: second };
  return null;
}
