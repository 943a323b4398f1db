import { findInLogs } from '../deployment/logs.ts';
import type { Deployment } from '../deployment/start.ts';

/** Every process is alive or was ended on purpose, and none has crashed by an error of its own. */
export async function judgeProcesses({ apis, workers, lost, folder }: Deployment): Promise<string[]> {
  const crashes = await findInLogs(folder, ['process_crashed']);
  const shown = crashes.map(({ file, text }) => `${file}: ${text.slice(0, 500)}`);
  return [...apis.complaints, ...workers.complaints, ...lost, ...shown];
}
