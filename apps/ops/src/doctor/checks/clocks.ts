import { spell } from '../../cli/times.ts';
import { type Check, error, skipped } from '../check.ts';
import type { Parts, Timed } from '../parts.ts';

/** What is said in whole seconds and travels, in milliseconds. */
const toleratedMs = 5_000;

/** That this machine tells the time of the others: tokens and signatures are good for seconds and minutes. */
export function clocks({ database, queue, storage }: Parts): Check {
  return {
    name: 'clock',
    async run() {
      const [db, broker, store] = await Promise.all([quietly(database), quietly(queue), quietly(storage)]);
      const readings: [string, Timed<unknown>, number][] = [];
      if (db?.answer.kind === 'server') readings.push(['Postgres', db, Date.parse(db.answer.report.now)]);
      if (broker) readings.push(['the queue', broker, broker.answer.now]);
      if (store?.answer.now) readings.push(['R2', store, store.answer.now]);
      if (readings.length === 0) return skipped('no other clock can be read');

      const apart = readings.map(([name, { at, within }, theirs]) => ({
        name,
        ms: at - theirs,
        excess: Math.abs(at - theirs) - within,
      }));
      const findings = apart
        .filter(({ excess }) => excess > toleratedMs)
        .map(({ name, ms }) =>
          error(
            'clock',
            `of this machine is ${spell(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} ${name}’s`,
            'Turn on time synchronisation, such as timedatectl set-ntp true: tokens and signatures are refused otherwise',
          ),
        );
      const most = Math.max(...apart.map(({ ms }) => Math.abs(ms)));
      return {
        findings,
        seen: `${readings.map(([name]) => name).join(', ')}: ${Math.round(most)} ms apart at most`,
      };
    },
  };
}

async function quietly<T>(ask: () => Promise<T>): Promise<T | null> {
  return ask().catch(() => null);
}
