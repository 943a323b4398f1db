/**
 * A program of its own, so that load here slows no nemesis down: Gemini, R2, Clerk and Supabase's Data API, in place
 * of the real ones. `STAND_INS` is a {@link StandInsOrder} as JSON; the answer is a {@link StandInsReady} over IPC.
 */
import path from 'node:path';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { startClerk } from '@darkroom/local/clerk/start';
import { startGateway } from '@darkroom/local/gateway/start';
import { DEFAULT_MODELS } from '@darkroom/local/gemini/models';
import { startGemini } from '@darkroom/local/gemini/start';
import { startStorage } from '@darkroom/local/storage/start';

export interface StandInsOrder {
  databaseUrl: string;
  /** Where the objects are kept. */
  objects: string;
  /** Where the local Clerk keeps its keys. */
  clerk: string;
  latencyMs: { min: number; max: number };
  keys: { gemini: string; r2: string; supabasePublishable: string; supabaseSecret: string };
}

export interface StandInsReady {
  event: 'ready';
  gemini: string;
  storage: string;
  publicUrl: string;
  gateway: string;
  clerk: { url: string; secretKey: string; publishableKey: string; jwtKey: string };
}

const order = JSON.parse(process.env.STAND_INS ?? '') as StandInsOrder;
const clerk = await startClerk({ keys: await loadKeys(order.clerk) });
const gemini = await startGemini({
  apiKey: order.keys.gemini,
  latencyMs: order.latencyMs,
  quick: true,
  // Photographs are small; one model of three draws large PNGs.
  models: DEFAULT_MODELS.map((model, at) => ({ ...model, mimeType: at === 0 ? 'image/png' : 'image/jpeg' })),
});
const storage = await startStorage({
  accessKeyId: 'local',
  secretAccessKey: order.keys.r2,
  bucket: 'darkroom',
  directory: path.resolve(order.objects),
});
const gateway = await startGateway({
  databaseUrl: order.databaseUrl,
  publishableKey: order.keys.supabasePublishable,
  secretKey: order.keys.supabaseSecret,
  jwksUrl: clerk.jwksUrl,
});

async function stop(): Promise<void> {
  await Promise.all([gateway.stop(), gemini.stop(), storage.stop(), clerk.stop()]);
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());

const ready: StandInsReady = {
  event: 'ready',
  gemini: gemini.url,
  storage: storage.endpoint,
  publicUrl: storage.publicUrl,
  gateway: gateway.url,
  clerk: {
    url: clerk.url,
    secretKey: clerk.secretKey,
    publishableKey: clerk.publishableKey,
    jwtKey: clerk.jwtKey.trim().replaceAll('\n', '\\n'),
  },
};
process.send?.(ready);
