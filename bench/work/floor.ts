/** A program: the work in a bare loop, so many at a time, no queue. What nothing that does the same work can beat. */
import { randomUUID } from 'node:crypto';
import { openDatabase } from '@darkroom/db/open';
import pg from 'pg';
import { runProgram } from '../world/program.ts';
import { createWork, type Outside, runWork } from './handler.ts';
import { writesByDataApi, writesByPg } from './writes.ts';

export interface FloorOrder {
  databaseUrl: string;
  outside: Outside;
  concurrency: number;
  /** When given, the writes go through the Data API instead of a bare connection. */
  dataApi?: { supabaseUrl: string; secretKey: string };
}

runProgram<FloorOrder>(async ({ databaseUrl, outside, concurrency, dataApi }) => {
  const workerId = randomUUID();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: concurrency * 2 });
  const writes = dataApi
    ? writesByDataApi(openDatabase({ ...dataApi }), workerId)
    : writesByPg(pool, workerId);
  await writes.beat();
  const beats = setInterval(() => void writes.beat().catch(() => {}), 5_000);
  const work = createWork(writes, outside);
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
