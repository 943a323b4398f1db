import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { OpsConfig } from '@darkroom/core/runtime/config/config';
import { loadConfig } from '@darkroom/core/runtime/config/load';
import { createLog } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { openDatabase } from '@darkroom/db/open';
import { type OperatorDatabase, openOperatorDatabase } from '@darkroom/db/operators/open';
import { Declined, type Tools, UsageError } from './command.ts';

export interface ToolBox {
  tools(options: { yes: boolean }): Tools;
  /** Whether the command has taken the signal, and ends by itself when it aborts. */
  readonly mindsSignal: boolean;
  /** Closes all that was opened. */
  close(): Promise<void>;
}

/** The tools of one run of the program. */
export function createToolBox(deps: {
  environment: Record<string, string | undefined>;
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
  signal: AbortSignal;
  now?: () => number;
}): ToolBox {
  const { environment, input, output, signal, now = Date.now } = deps;
  const closing: (() => Promise<void>)[] = [];
  let config: OpsConfig | undefined;
  let database: Database | undefined;
  let operator: OperatorDatabase | undefined;
  let mindsSignal = false;

  function read(): OpsConfig {
    config ??= loadConfig(environment, 'ops');
    return config;
  }
  function door() {
    const { url: supabaseUrl, secretKey } = read().supabase;
    return { supabaseUrl, secretKey };
  }

  return {
    get mindsSignal() {
      return mindsSignal;
    },
    tools: ({ yes }) => ({
      environment,
      config: read,
      database() {
        database ??= openDatabase(door());
        return database;
      },
      operator() {
        operator ??= openOperatorDatabase(door());
        return operator;
      },
      queueUrl() {
        const { queueUrl } = read();
        if (queueUrl === undefined)
          throw new UsageError('QUEUE_URL is not set, such as redis://localhost:6379');
        return queueUrl;
      },
      log: createLog({ level: 'silent', pretty: false, name: 'ops' }),
      now,
      get signal() {
        mindsSignal = true;
        return signal;
      },
      say: (line) => void output.write(`${line}\n`),
      live: (line) => {
        if (output.isTTY) output.write(`\r\u001b[2K${line}`);
      },
      async confirm(question) {
        if (yes) return;
        if (!input.isTTY || !output.isTTY) {
          throw new Declined(`${question} Say --yes to do it; nobody can be asked here.`);
        }
        if (!(await ask(question, deps))) throw new Declined('Nothing was done.');
      },
      afterwards: (close) => void closing.push(close),
    }),
    async close() {
      await Promise.allSettled(closing.splice(0).map((close) => close()));
    },
  };
}

async function ask(
  question: string,
  { input, output, signal }: { input: NodeJS.ReadStream; output: NodeJS.WriteStream; signal: AbortSignal },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  try {
    output.write(`${question} [y/N] `);
    const [answer] = (await Promise.race([
      once(lines, 'line', { signal }),
      once(lines, 'close').then(() => ['']),
    ]).catch(() => [''])) as [string];
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
