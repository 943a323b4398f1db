import { hash, randomUUID } from 'node:crypto';
import { createR2, type R2Options } from './r2.ts';
import { createUploadSigner } from './sign-upload.ts';

/** The results of writing, reading, fetching and removing a test object. */
export interface StorageInspection {
  steps: StorageStep[];
  /** The clock of the public address by its `Date` header, in epoch milliseconds; null when it sent none. */
  now: number | null;
}

export type StorageStep =
  | { step: 'write' | 'read' | 'remove'; error: Error | null }
  /** `wrong`: the response is not the object. */
  | { step: 'public'; url: string; answer: 'served' | 'wrong' | 'unreachable'; detail: string }
  | { step: 'cors'; origin: string; allowed: boolean };

/**
 * Writes a small object, reads it, fetches its public URL, checks for each of `origins` whether CORS allows uploads, and
 * always removes the object. Never throws. Omits steps that cannot be done. Takes at most twice `timeoutMs`.
 */
export async function inspectStorage(
  connection: Omit<R2Options, 'requestTimeoutMs'>,
  options: { origins: readonly string[]; timeoutMs: number; fetch?: typeof globalThis.fetch },
): Promise<StorageInspection> {
  const { origins, timeoutMs, fetch = globalThis.fetch } = options;
  const storage = createR2({ ...connection, requestTimeoutMs: Math.ceil(timeoutMs / 2) });
  const key = `darkroom-doctor/${randomUUID()}.txt`;
  const bytes = Buffer.from(`darkroom doctor ${randomUUID()}`);
  const signal = AbortSignal.timeout(timeoutMs);
  /** A separate limit for each step, so that a step that hangs leaves time for the others. */
  const soon = () => AbortSignal.timeout(Math.ceil(timeoutMs / 2));
  const steps: StorageStep[] = [];
  let now: number | null = null;

  let written: Error | null = null;
  try {
    written = await attempt(() => storage.put(key, { bytes, mimeType: 'text/plain' }, { signal }));
    steps.push({ step: 'write', error: written });
    if (written === null) {
      steps.push({ step: 'read', error: await attempt(readBack) });
      const [shown, ...cors] = await Promise.all([
        lookAtPublicly(storage.publicUrl(key)),
        ...origins.map(askForCors),
      ]);
      steps.push(shown.step, ...cors.filter((step) => step !== null));
      now = shown.now;
    }
  } finally {
    // Also after a failed write: the object may be stored although the answer was lost.
    const removed = await attempt(() => storage.delete(key, { signal: soon() }));
    if (written === null) steps.push({ step: 'remove', error: removed });
    storage.close();
  }
  return { steps, now };

  async function readBack(): Promise<void> {
    const read = await storage.get(key, { maxBytes: 1_000, signal });
    if (read === null || read === 'too_large' || !read.bytes.equals(bytes)) {
      throw new Error('what was read is not what was written');
    }
  }

  async function lookAtPublicly(url: string): Promise<{ step: StorageStep; now: number | null }> {
    try {
      const response = await fetch(url, { signal: soon(), redirect: 'follow' });
      const body = Buffer.from(await response.arrayBuffer());
      const same = response.ok && hash('sha256', body) === hash('sha256', bytes);
      const answer = same ? 'served' : 'wrong';
      const detail = `HTTP ${response.status}, ${body.length} bytes`;
      return { step: { step: 'public', url, answer, detail }, now: dateOf(response) };
    } catch (error) {
      const { message, cause } = error as Error;
      const detail = cause instanceof Error ? cause.message : message;
      return { step: { step: 'public', url, answer: 'unreachable', detail }, now: null };
    }
  }

  /** Null when there is no answer, because the CORS rules are then unknown. */
  async function askForCors(origin: string): Promise<StorageStep | null> {
    const signer = createUploadSigner(connection);
    try {
      const upload = await signer.sign({ key, contentType: 'image/png', contentLength: 1 });
      const { headers, ok } = await fetch(upload.url, {
        method: 'OPTIONS',
        signal: soon(),
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      });
      const allowedOrigin = headers.get('access-control-allow-origin');
      const methods = headers.get('access-control-allow-methods') ?? '';
      const allowed = ok && (allowedOrigin === '*' || allowedOrigin === origin) && /PUT|\*/.test(methods);
      return { step: 'cors', origin, allowed };
    } catch {
      return null;
    } finally {
      signer.close();
    }
  }
}

async function attempt(work: () => Promise<unknown>): Promise<Error | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function dateOf(response: Response): number | null {
  const at = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(at) ? null : at;
}
