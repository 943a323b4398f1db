import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordedCall } from '@darkroom/local/gemini/calls';
import type { FaultRule } from '@darkroom/local/gemini/faults';
import type { Reaper } from '@darkroom/local/processes/reaper';
import { type ManagedProcess, spawnManaged } from '@darkroom/local/processes/spawn';
import type { StorageFault } from '@darkroom/local/storage/faults';
import { fetchPatiently } from './fetch-with-retry.ts';
import type { StandInsOrder, StandInsReady } from './stand-ins.ts';

const program = fileURLToPath(new URL('./stand-ins.ts', import.meta.url));
const readyWithinMs = 60_000;

/** A service whose faults can be added and taken away. */
export interface Faulty<Rule> {
  fail(rule: Rule): Promise<void>;
  /** No faults any more. */
  heal(): Promise<void>;
}

export interface Services {
  process: ManagedProcess;
  gemini: Faulty<FaultRule> & { calls(): Promise<RecordedCall[]> };
  /** Its faults are those that have not struck as often as they shall. */
  storage: Faulty<StorageFault> & { faults(): Promise<StorageFault[]> };
  /** Where each can be reached without a proxy. */
  urls: Pick<StandInsReady, 'gemini' | 'storage' | 'gateway'>;
  /** What the apps need besides those URLs, by variable. */
  variables: Record<string, string>;
}

/** Starts the process with the stand-ins, and resolves once all of them answer. */
export async function startServices(options: {
  reaper: Reaper;
  databaseUrl: string;
  folder: string;
  clerkFolder: string;
  latencyMs: { min: number; max: number };
}): Promise<Services> {
  const secret = () => randomBytes(12).toString('hex');
  const keys = {
    gemini: `local-${secret()}`,
    r2: secret(),
    supabasePublishable: `sb_publishable_${secret()}`,
    supabaseSecret: `sb_secret_${secret()}`,
  };
  const { process, ready } = await spawn(options.reaper, path.join(options.folder, 'stand-ins.log'), {
    databaseUrl: options.databaseUrl,
    objects: path.join(options.folder, 'objects'),
    clerk: options.clerkFolder,
    latencyMs: options.latencyMs,
    keys,
  });
  const geminiDoor = door(ready.gemini, '/faults', { 'x-goog-api-key': keys.gemini });
  const storageHeaders = { 'x-fault-secret': keys.r2 };
  const storageDoor = door<StorageFault>(ready.storage, '/__faults', storageHeaders);
  return {
    process,
    gemini: {
      ...geminiDoor,
      calls: async () => (await ask(`${ready.gemini}/calls`, 'GET', { 'x-goog-api-key': keys.gemini })).calls,
    },
    storage: {
      ...storageDoor,
      faults: async () => (await ask(`${ready.storage}/__faults`, 'GET', storageHeaders)).faults,
    },
    urls: ready,
    variables: {
      GEMINI_API_KEY: keys.gemini,
      R2_ACCESS_KEY_ID: 'local',
      R2_SECRET_ACCESS_KEY: keys.r2,
      R2_BUCKET_NAME: 'darkroom',
      R2_PUBLIC_URL: ready.publicUrl,
      SUPABASE_PUBLISHABLE_KEY: keys.supabasePublishable,
      SUPABASE_SECRET_KEY: keys.supabaseSecret,
      CLERK_SECRET_KEY: ready.clerk.secretKey,
      CLERK_PUBLISHABLE_KEY: ready.clerk.publishableKey,
      CLERK_JWT_KEY: ready.clerk.jwtKey,
      CLERK_API_URL: ready.clerk.url,
    },
  };
}

async function spawn(reaper: Reaper, log: string, order: StandInsOrder) {
  const ready = Promise.withResolvers<StandInsReady>();
  const started = await spawnManaged(reaper, {
    name: 'stand-ins',
    command: process.execPath,
    args: [program],
    env: { ...process.env, STAND_INS: JSON.stringify(order) },
    output: log,
    onMessage: (message) => ready.resolve(message as StandInsReady),
  });
  const timer = setTimeout(() => started.child.kill('SIGKILL'), readyWithinMs);
  void started.exited.then(() => ready.reject(new Error(`The stand-ins ended; their output is in ${log}.`)));
  try {
    return { process: started, ready: await ready.promise };
  } finally {
    clearTimeout(timer);
    started.child.channel?.unref();
  }
}

function door<Rule>(url: string, at: string, headers: Record<string, string>): Faulty<Rule> {
  return {
    fail: async (rule) => void (await ask(`${url}${at}`, 'POST', headers, JSON.stringify(rule))),
    heal: async () => void (await ask(`${url}${at}`, 'DELETE', headers)),
  };
}

async function ask(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<any> {
  const response = await fetchPatiently(url, { method, headers, body });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}
