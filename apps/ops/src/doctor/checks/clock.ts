import { spellDuration } from '../../display/times.ts';
import { type Check, error, skipped } from '../check.ts';
import type { Probes, Timed } from '../probes.ts';

/** Some clocks are read in whole seconds, over a network. */
const toleratedMs = 5_000;

/** This machine's clock agrees with the others: tokens and signatures are valid for seconds or minutes. */
export function clock({ database, queue, storage }: Probes): Check {
  return {
    name: 'clock',
    async run() {
      const [db, broker, store] = await Promise.all([orNull(database), orNull(queue), orNull(storage)]);
      const readings: [string, Timed<unknown>, number][] = [];
      if (db?.answer.kind === 'server') readings.push(['Postgres', db, Date.parse(db.answer.report.now)]);
      if (broker) readings.push(['the queue', broker, broker.answer.now]);
      if (store?.answer.now) readings.push(['R2', store, store.answer.now]);
      if (readings.length === 0) return skipped('no other clock can be read');

      const differences = readings.map(([name, { at, within }, theirs]) => ({
        name,
        ms: at - theirs,
        excess: Math.abs(at - theirs) - within,
      }));
      const findings = differences
        .filter(({ excess }) => excess > toleratedMs)
        .map(({ name, ms }) =>
          error(
            'clock',
            `of this machine is ${spellDuration(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} ${name}’s`,
            'Turn on time synchronisation, such as timedatectl set-ntp true; otherwise tokens and signatures are refused',
          ),
        );
      const most = Math.max(...differences.map(({ ms }) => Math.abs(ms)));
      return {
        findings,
        seen: `${readings.map(([name]) => name).join(', ')}: ${Math.round(most)} ms apart at most`,
      };
    },
  };
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  return ask().catch(() => null);
}
