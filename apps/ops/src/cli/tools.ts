import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { OpsConfig } from '@darkroom/core/runtime/config/config';
import { loadConfig } from '@darkroom/core/runtime/config/load';
import { createLog } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { openDatabase } from '@darkroom/db/open';
import { type OperatorDatabase, openOperatorDatabase } from '@darkroom/db/operators/open';
import { Declined, type Tools, UsageError } from './command.ts';

export interface Toolbox {
  tools(options: { yes: boolean }): Tools;
  /** Whether the command uses `signal`, so that it ends by itself when it aborts. */
  readonly handlesSignal: boolean;
  /** Closes everything that was opened. */
  close(): Promise<void>;
}

/** The tools of one invocation. */
export function createToolbox(deps: {
  environment: Record<string, string | undefined>;
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
  signal: AbortSignal;
  now?: () => number;
}): Toolbox {
  const { environment, input, output, signal, now = Date.now } = deps;
  const closing: (() => Promise<void>)[] = [];
  let config: OpsConfig | undefined;
  let database: Database | undefined;
  let operator: OperatorDatabase | undefined;
  let handlesSignal = false;

  function readConfig(): OpsConfig {
    config ??= loadConfig(environment, 'ops');
    return config;
  }
  function connection() {
    const { url: supabaseUrl, secretKey } = readConfig().supabase;
    return { supabaseUrl, secretKey };
  }

  return {
    get handlesSignal() {
      return handlesSignal;
    },
    tools: ({ yes }) => ({
      environment,
      config: readConfig,
      database() {
        database ??= openDatabase(connection());
        return database;
      },
      operator() {
        operator ??= openOperatorDatabase(connection());
        return operator;
      },
      queueUrl() {
        const { queueUrl } = readConfig();
        if (queueUrl === undefined)
          throw new UsageError('QUEUE_URL is not set; an example is redis://localhost:6379');
        return queueUrl;
      },
      log: createLog({ level: 'silent', pretty: false, name: 'ops' }),
      now,
      get signal() {
        handlesSignal = true;
        return signal;
      },
      notice: (line) => void output.write(`${line}\n`),
      progress: (line) => {
        if (output.isTTY) output.write(`\r\u001b[2K${line}`);
      },
      async confirm(question) {
        if (yes) return;
        if (!input.isTTY || !output.isTTY) {
          throw new Declined(`${question} Use --yes to confirm: there is no terminal to ask.`);
        }
        if (!(await ask(question, deps))) throw new Declined('Nothing was done.');
      },
      onExit: (close) => void closing.push(close),
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
