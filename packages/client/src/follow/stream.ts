import type { Http } from '../http/http.ts';
import { readResponse } from '../http/response.ts';
import { createEventParser, type ServerEvent } from './event-parser.ts';

/** There is no stream here: an API or a proxy without it, or a `fetch` that cannot read one. */
export class StreamUnavailable extends Error {}

/**
 * Reads one stream of server-sent events until the server ends it or the signal aborts; then closes the connection.
 * `onBytes` is called for everything, also keep-alives. @throws StreamUnavailable, DarkroomError, errors of the connection
 */
export async function readStream(
  http: Pick<Http, 'open'>,
  path: string,
  { onEvent, onBytes }: { onEvent(event: ServerEvent): void; onBytes(): void },
  signal: AbortSignal,
): Promise<void> {
  const response = await http.open(path, { accept: 'text/event-stream' }, signal);
  if (!response.ok && ![404, 405, 406, 501].includes(response.status)) await readResponse(response);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const reader = response.body?.getReader?.();
  const close = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', close);
  try {
    if (!response.ok || !isStream || !reader) throw new StreamUnavailable();
    const decoder = new TextDecoder();
    const parse = createEventParser(onEvent);
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
