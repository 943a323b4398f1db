import { readAnswer } from '../http/answer.ts';
import type { Http } from '../http/http.ts';
import { createEventParser, type ServerEvent } from './events.ts';

/** There is no stream to be had here: an API or a proxy without it, or a `fetch` that cannot read one. */
export class NoStream extends Error {}

/**
 * Reads one stream of server-sent events until the server ends it or the signal says so; the connection is closed in
 * any case. `onBytes` hears everything, keep-alives too. @throws NoStream, DarkroomError, and what a broken line throws
 */
export async function readStream(
  http: Pick<Http, 'open'>,
  path: string,
  on: { event(event: ServerEvent): void; bytes(): void },
  signal: AbortSignal,
): Promise<void> {
  const response = await http.open(path, { accept: 'text/event-stream' }, signal);
  if (!response.ok && ![404, 405, 406, 501].includes(response.status)) await readAnswer(response);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const reader = response.body?.getReader?.();
  const close = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', close);
  try {
    if (!response.ok || !isStream || !reader) throw new NoStream();
    const decoder = new TextDecoder();
    const parse = createEventParser(on.event);
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      on.bytes();
      parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
