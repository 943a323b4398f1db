import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ForwardedPorts, forwardPorts } from '../containers/forward-ports.ts';
import { createReaper } from '../processes/reaper.ts';
import { writeEnvFile } from '../stack/env-file.ts';
import { type Parts, startParts } from '../stack/parts.ts';

/**
 * Runs the stand-ins alone, in a container. Other containers and the host reach each at a fixed port of one host name.
 * The variables are written to a file that the others read; it exists while the stand-ins run.
 */
const envFile = process.env.STAND_INS_FILE ?? '/run/darkroom/env';
const hostname = process.env.STAND_INS_HOST ?? 'darkroom.localhost';
const folder = fileURLToPath(new URL('../../../../.local', import.meta.url));
const ports = {
  DATABASE_URL: 5432,
  SUPABASE_URL: 54321,
  CLERK_API_URL: 9001,
  GEMINI_BASE_URL: 9002,
  R2_ENDPOINT: 9003,
  R2_PUBLIC_URL: 9004,
};

const stopping = Promise.withResolvers<string | undefined>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.resolve(undefined));
rmSync(envFile, { force: true });
const reaper = createReaper();
let parts: Parts | undefined;
let forwarded: ForwardedPorts | undefined;
try {
  parts = await startParts({
    settings: process.env,
    localFolder: folder,
    runFolder: path.join(folder, 'data'),
    databaseFolder: path.join(folder, 'data/postgres'),
    reaper,
    geminiLatencyMs: { min: 800, max: 1_600 },
    requireRedis: false,
    say: log,
    onLost: (reason) => stopping.resolve(reason),
  });
  forwarded = await forwardPorts(parts.variables, { hostname, ports });
  writeEnvFile(envFile, forwarded.variables);
  for (const line of parts.described) log(line);
  log(`Ready: ${envFile}`);
  const reason = await stopping.promise;
  if (reason) throw new Error(reason);
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  if (existsSync(envFile)) rmSync(envFile);
  await forwarded?.close();
  await parts?.stop();
  await reaper.close();
}
process.exit();

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
