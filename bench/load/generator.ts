/** A program: sends requests over a number of connections for some time; each connection sends the next after the answer. */
import { Pool } from 'undici';
import { runProgram } from '../deployment/run-program.ts';

export interface LoadOptions {
  tokens: string[];
}

export interface LoadQuestion {
  url: string;
  path: string;
  /** The body of each request; `{n}` is replaced by its number. */
  body: string;
  /** Sends a new Idempotency-Key with each request. */
  keyed?: boolean;
  connections: number;
  forMs: number;
  expect: number;
}

export interface LoadAnswer {
  answered: number;
  refused: Record<string, number>;
  seconds: number;
  latencyMs: { p50: number; p99: number };
}

runProgram<LoadOptions>(async ({ tokens }) => {
  let sent = 0;
  return {
    ready: {},
    async answer({ url, path, body, keyed, connections, forMs, expect }: LoadQuestion): Promise<LoadAnswer> {
      const pool = new Pool(url, { connections, pipelining: 1 });
      const latencies: number[] = [];
      const refused: Record<string, number> = {};
      const startedAt = performance.now();
      const until = startedAt + forMs;
      const connection = async () => {
        while (performance.now() < until) {
          const number = sent++;
          const headers: Record<string, string> = {
            'content-type': 'application/json',
            authorization: `Bearer ${tokens[number % tokens.length]}`,
          };
          if (keyed) headers['idempotency-key'] = `bench-${process.pid}-${number}`;
          const begun = performance.now();
          const { statusCode, body: answer } = await pool.request({
            method: 'POST',
            path,
            headers,
            body: body.replace('{n}', String(number)),
          });
          await answer.dump();
          if (statusCode === expect) latencies.push(performance.now() - begun);
          else refused[statusCode] = (refused[statusCode] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: connections }, connection));
      const seconds = (performance.now() - startedAt) / 1_000;
      await pool.close();
      latencies.sort((a, b) => a - b);
      const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
      return {
        answered: latencies.length,
        refused,
        seconds,
        latencyMs: { p50: at(0.5), p99: at(0.99) },
      };
    },
  };
});
