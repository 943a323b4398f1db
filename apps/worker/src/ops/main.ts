import { ConfigError } from '@darkroom/core/config/error';
import { loadConfig } from '@darkroom/core/config/load';
import { openDatabase } from '@darkroom/db/open';
import { audit } from './audit.ts';
import { replayUsage, replayWebhooks } from './replay-webhooks.ts';

const help = `npm run ops -- <command>

  audit [--json]                             every user or job that breaks an invariant of money; exits 1 when there is one
  webhooks replay <delivery id> | --job <id> sends a webhook, or all of a job, again now, under the same id
  help                                       this text
`;

process.exitCode = await run(process.argv.slice(2));

/** Runs one command of the operator and returns the exit code. */
async function run([command = 'help', ...options]: string[]): Promise<number> {
  const print = (text: string) => void process.stdout.write(text);
  const complain = (text: string) => void process.stderr.write(text);
  switch (command) {
    case 'audit':
      return withDatabase((db) => audit({ db, print, json: options.includes('--json') }));
    case 'webhooks':
      if (options[0] !== 'replay') {
        complain(`Usage: ${replayUsage}\n`);
        return 2;
      }
      return withDatabase((db) => replayWebhooks({ db, print, complain, options: options.slice(1) }));
    case 'help':
    case '--help':
    case '-h':
      print(help);
      return 0;
    default:
      process.stderr.write(`There is no command "${command}".\n\n${help}`);
      return 2;
  }
}

async function withDatabase(use: (db: ReturnType<typeof openDatabase>) => Promise<number>): Promise<number> {
  try {
    const { supabase } = loadConfig(process.env, 'ops');
    return await use(openDatabase({ supabaseUrl: supabase.url, secretKey: supabase.secretKey }));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? 78 : 70;
  }
}
