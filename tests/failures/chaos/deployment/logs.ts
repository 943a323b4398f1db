import { createReadStream } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A line that an app has logged. */
export interface LogLine {
  file: string;
  event: string;
  text: string;
}

/** Every line of the apps' logs whose event is one of these, in no order between the files. */
export async function findInLogs(folder: string, events: readonly string[]): Promise<LogLine[]> {
  const files = (await readdir(folder)).filter((name) => /^(api|worker)-\d+\.log$/.test(name));
  const found = await Promise.all(files.map((file) => findIn(folder, file, new Set(events))));
  return found.flat();
}

async function findIn(folder: string, file: string, events: ReadonlySet<string>): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const text of createInterface({ input: createReadStream(path.join(folder, file)) })) {
    const event = /"event":"(\w+)"/.exec(text)?.[1] ?? '';
    // What Node itself prints when it dies is no JSON.
    if (events.has(event) || (event === '' && /^(Uncaught|FATAL|node:|\w*Error)/.test(text))) {
      found.push({ file, event, text });
    }
  }
  return found;
}

/** Lines that are no fault by themselves and worth a look, by event. */
export async function countRemarks(folder: string): Promise<Record<string, number>> {
  const events = ['unexpected_error', 'delivery_handler_failed', 'maintenance_failed', 'lease_lost'];
  const remarks: Record<string, number> = {};
  for (const { event } of await findInLogs(folder, events)) remarks[event] = (remarks[event] ?? 0) + 1;
  return remarks;
}

/** Copies the logs of a run to another folder, which is made or emptied before. */
export async function keepLogs(folder: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  const isLog = (file: string) => file === folder || file.endsWith('.log');
  await cp(folder, to, { recursive: true, filter: isLog });
}
