import { run } from '../processes/run.ts';
import type { RedisImage } from './server.ts';

const IMAGE = 'redis:7-alpine';
const DAEMON_ANSWERS_WITHIN_MS = 3_000;

/** Pulls the image of Redis if necessary. Returns an explanation when no Docker daemon answers. */
export async function pullImage({
  say,
  signal,
}: {
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<RedisImage | string> {
  const daemon = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
    signal,
    timeoutMs: DAEMON_ANSWERS_WITHIN_MS,
  });
  if (!daemon.ok) return `no Docker daemon answers: ${daemon.reason}`;
  const present = await run('docker', ['image', 'inspect', IMAGE], { signal });
  if (!present.ok) {
    say(`Pulling ${IMAGE} …`);
    const pulled = await run('docker', ['pull', '--quiet', IMAGE], { signal });
    if (!pulled.ok) return `docker pull ${IMAGE}: ${pulled.reason}`;
  }
  return { kind: 'image', image: IMAGE, version: IMAGE };
}
