import { fileURLToPath } from 'node:url';
import { ISSUER } from '../clerk/instance.ts';
import { loadKeys } from '../clerk/keys.ts';
import { mintToken } from '../clerk/mint.ts';
import { userId } from '../clerk/user-id.ts';
import { createClient } from '../demo/client.ts';
import { receipts } from '../demo/receipts.ts';
import { runScenarios } from '../demo/run.ts';
import { scenarios } from '../demo/scenarios.ts';

/** Runs the jobs of the demo against an API in another container, as a user of the local Clerk. */
const api = process.env.DEMO_API ?? 'http://api:8080';
const folder = process.env.DEMO_FOLDER ?? '/tmp/images';
const keyFolder = fileURLToPath(new URL('../../../../.local/clerk', import.meta.url));

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

try {
  const keys = await loadKeys(keyFolder);
  const user = userId(`demo-${Date.now()}`);
  const token = await mintToken(keys, { userId: user, issuer: ISSUER, expiresInSeconds: 600 });
  const models = (process.env.GEMINI_MODELS ?? 'gemini-nano-banana-2.1,gemini-3-pro-image').split(',');
  const gemini = process.env.GEMINI_BASE_URL ? 'local' : 'real';
  const finished = await runScenarios(createClient(api, token), scenarios(gemini, models), {
    folder,
    out: process.stdout,
    signal: stopping.signal,
  });
  process.stdout.write(`\n${receipts(finished, ({ job }) => job.output_image_url)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
