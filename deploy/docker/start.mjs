/**
 * The entry point of a container: node deploy/docker/start.mjs api|worker|migrate|ops|… [arguments].
 *
 * The program runs in this process, so that signals reach it. Empty variables count as unset. The file that the stand-ins
 * of the local stack write adds variables that the environment does not set.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const programs = {
  api: 'apps/api/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  migrate: 'packages/db/src/migrate/main.ts',
  ops: 'apps/ops/src/main.ts',
  'stand-ins': 'packages/local/src/commands/stand-ins.ts',
  demo: 'packages/local/src/commands/container-demo.ts',
  token: 'packages/local/src/commands/token.ts',
};
const standIns = '/run/darkroom/env';

const [name, ...args] = process.argv.slice(2);
const program = programs[name];
if (!program || !existsSync(program)) {
  const here = Object.keys(programs).filter((one) => existsSync(programs[one]));
  process.stderr.write(`${name ?? 'nothing'}: not a program of this image, which has ${here.join(', ')}.\n`);
  process.exit(64);
}

for (const [variable, value] of Object.entries(process.env)) {
  if (value.trim() === '') delete process.env[variable];
}
if (existsSync(standIns)) process.loadEnvFile(standIns);

const file = resolve(program);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
