/** A program: the work in a bare loop with a concurrency but without a queue. Nothing that does the same work can be faster. */
import { randomUUID } from 'node:crypto';
import { openDatabase } from '@darkroom/db/open';
import pg from 'pg';
import { runProgram } from '../deployment/run-program.ts';
import { createWork, runWork, type Services } from './handler.ts';
import { writesByDataApi, writesByPg } from './writes.ts';

export interface FloorOptions {
  databaseUrl: string;
  services: Services;
  concurrency: number;
  /** Write through the Data API instead of a direct connection. */
  dataApi?: { supabaseUrl: string; secretKey: string };
}

runProgram<FloorOptions>(async ({ databaseUrl, services, concurrency, dataApi }) => {
  const workerId = randomUUID();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: concurrency * 2 });
  const writes = dataApi
    ? writesByDataApi(openDatabase({ ...dataApi }), workerId)
    : writesByPg(pool, workerId);
  await writes.beat();
  const beats = setInterval(() => void writes.beat().catch(() => {}), 5_000);
  const work = createWork(writes, services);
  return {
    ready: {},
    async answer({ jobIds }: { jobIds: string[] }) {
      const left = [...jobIds];
      const loop = async () => {
        for (let id = left.shift(); id; id = left.shift()) await runWork(work, id);
      };
      await Promise.all(Array.from({ length: concurrency }, loop));
    },
    async stop() {
      clearInterval(beats);
      await pool.end();
    },
  };
});
