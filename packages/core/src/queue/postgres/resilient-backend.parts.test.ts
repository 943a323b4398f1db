import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { createLog } from '../../runtime/log/log.ts';
import { dropNamespace } from '../namespace.ts';
import { openQueue } from '../open.ts';

/** Under which BullMQ makes and upgrades its schema: MIGRATION_ADVISORY_LOCK_KEY and the schema's hash. */
const migrationLock = [0x42554c4c, 'hashtext($1)'] as const;

test('a connection that is lost while the schema is made ends one call, not the process', async () => {
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  const namespace = `lost_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const url = Object.assign(new URL(inject('postgresUrl')), { search: `namespace=${namespace}` }).href;
  const queue = openQueue({ url, log: createLog({ level: 'silent', pretty: false, name: 'test' }) });
  const operator = new pg.Client({ connectionString: inject('postgresUrl') });
  await operator.connect();
  try {
    const [key, hash] = migrationLock;
    await operator.query(`select pg_advisory_lock(${key}, ${hash})`, [`bullmq_${namespace}`]);
    const asked = queue.epoch({ timeoutMs: 10_000 }).catch((error: unknown) => error);
    await vi.waitFor(() => cutWaiting(operator), { timeout: 10_000 });
    expect(await asked).toBeInstanceOf(Error);
    await operator.query(`select pg_advisory_unlock(${key}, ${hash})`, [`bullmq_${namespace}`]);
    await vi.waitFor(() => queue.epoch({ timeoutMs: 5_000 }), { timeout: 15_000 });
    expect(uncaught).not.toHaveBeenCalled();
  } finally {
    process.off('uncaughtException', uncaught);
    await operator.end();
    await queue.close();
    await dropNamespace({ url });
  }
});

/** Ends the session that waits for our lock. @throws while there is none. */
async function cutWaiting(operator: pg.Client): Promise<void> {
  const { rowCount } = await operator.query(
    `select pg_terminate_backend(waiting.pid) from pg_locks waiting
     join pg_locks ours on ours.pid = pg_backend_pid() and ours.locktype = 'advisory'
       and (ours.classid, ours.objid) = (waiting.classid, waiting.objid)
     where waiting.locktype = 'advisory' and not waiting.granted`,
  );
  if (rowCount === 0) throw new Error('nobody waits');
}
