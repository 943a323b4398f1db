/** A program: Darkroom's SQL function and the enqueue, in a bare loop. Intake cannot cost less than this. */
import { randomUUID } from 'node:crypto';
import { openQueue } from '@darkroom/core/queue/open';
import { createLog } from '@darkroom/core/runtime/log/log';
import pg from 'pg';
import { runProgram } from '../deployment/run-program.ts';
import type { LoadAnswer, LoadQuestion } from './generator.ts';

runProgram<{ databaseUrl: string; queueUrl: string; users: string[] }>(
  async ({ databaseUrl, queueUrl, users }) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
    const queue = openQueue({
      url: queueUrl,
      log: createLog({ level: 'silent', pretty: false, name: 'floor' }),
    });
    await queue.epoch();
    let number = 0;

    async function submit(): Promise<void> {
      const userId = users[number++ % users.length];
      const { rows } = await pool.query({
        name: 'create_job',
        text: `select create_job($1, $2, 1, $3, 'bench', null, 1000000, 100000) as made`,
        values: [userId, '{"prompt": "a fox with a cup of tea"}', randomUUID()],
      });
      const { job, delivery, priority } = rows[0].made;
      await queue.enqueue([{ jobId: job.id, delivery, priority, delayMs: 0 }]);
    }

    return {
      ready: {},
      async answer({ connections, forMs }: LoadQuestion): Promise<LoadAnswer> {
        const latencies: number[] = [];
        const startedAt = performance.now();
        const loop = async () => {
          while (performance.now() < startedAt + forMs) {
            const begun = performance.now();
            await submit();
            latencies.push(performance.now() - begun);
          }
        };
        await Promise.all(Array.from({ length: connections }, loop));
        const seconds = (performance.now() - startedAt) / 1_000;
        latencies.sort((a, b) => a - b);
        const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
        return {
          answered: latencies.length,
          refused: {},
          seconds,
          latencyMs: { p50: at(0.5), p99: at(0.99) },
        };
      },
      async stop() {
        await queue.close();
        await pool.end();
      },
    };
  },
);
