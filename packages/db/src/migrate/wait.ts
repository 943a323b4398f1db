import { setTimeout as sleep } from 'node:timers/promises';
import type { DataApiProbe } from '../operators/probe-data-api.ts';
import type { MigrationFiles } from './files.ts';

/**
 * Waits until the database has been brought to `wanted`, or to a later release, and the Data API serves it; another
 * process migrates.
 * @param options.ask asks the Data API once
 * @throws when that takes longer than `timeoutMs`, with what is still missing; at once when the key is refused.
 */
export async function awaitMigrations(options: {
  wanted: Pick<MigrationFiles, 'release' | 'checksum'>;
  ask: () => Promise<DataApiProbe>;
  timeoutMs: number;
  everyMs?: number;
  log?: (line: string) => void;
}): Promise<void> {
  const { wanted, ask, timeoutMs, everyMs = 2_000, log = () => {} } = options;
  const until = performance.now() + timeoutMs;
  for (let told = ''; ; ) {
    const missing = missingOf(await ask(), wanted);
    if (missing === null) return;
    if (performance.now() + everyMs > until) {
      throw new Error(`After ${timeoutMs / 1_000} s still ${missing}. Run the migrations of this release.`);
    }
    if (missing !== told) log(`waiting: ${missing}`);
    told = missing;
    await sleep(everyMs);
  }
}

/** Null when nothing is missing. */
function missingOf(probe: DataApiProbe, wanted: Pick<MigrationFiles, 'release' | 'checksum'>): string | null {
  switch (probe.kind) {
    case 'server': {
      const { release, checksums } = probe.report;
      if (release > wanted.release) return null;
      if (release === wanted.release && checksums.includes(wanted.checksum)) return null;
      return 'the migrations of this release not applied';
    }
    case 'public':
    case 'key_refused':
      throw new Error('SUPABASE_SECRET_KEY is not the secret key of this project: set it to sb_secret_…');
    case 'not_migrated':
      return 'the database not migrated';
    default:
      return `no answer (${probe.cause})`;
  }
}
