import { Agent, type IncomingMessage, request } from 'node:http';
import type { Job } from '@darkroom/core/job/job';

export interface ReceivedEvent {
  id: string;
  event: string;
  job: Job;
  /** When it came, by performance.now(). */
  at: number;
}

export interface OpenedStream {
  status: number;
  headers: IncomingMessage['headers'];
  events: ReceivedEvent[];
  /** Lines that begin with a colon. */
  comments: string[];
  /** Resolves when an event fits; rejects when the stream ends before. */
  until(fits: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent>;
  /** Resolves when the server has ended the stream, false when the connection broke. */
  ended: Promise<boolean>;
  /** Goes away without a word. */
  leave(): void;
  /** The connection itself, for clients that do not read. */
  response: IncomingMessage;
}

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

/** Opens server-sent events as a client of its own connection. */
export async function openStream(
  url: string,
  { token, headers = {}, paused = false }: { token: string; headers?: object; paused?: boolean },
): Promise<OpenedStream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, headers: { authorization: `Bearer ${token}`, ...headers } }, resolve)
      .on('error', reject)
      .end();
  });
  const events: ReceivedEvent[] = [];
  const comments: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  let over = false;
  const ended = new Promise<boolean>((resolve) => {
    response.on('end', () => resolve(true));
    response.on('close', () => resolve(response.complete));
  }).finally(() => {
    over = true;
    wake();
  });
  response.on('error', () => {});
  response.setEncoding('utf8');
  let rest = '';
  if (!paused) {
    response.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) take(block);
      wake();
    });
  }

  function take(block: string): void {
    const lines = block.split('\n');
    comments.push(...lines.filter((line) => line.startsWith(':')));
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
    if (field('data') === '') return;
    const [id, event, job] = [field('id'), field('event'), JSON.parse(field('data'))];
    events.push({ id, event, job, at: performance.now() });
  }

  return {
    status: response.statusCode!,
    headers: response.headers,
    events,
    comments,
    ended,
    response,
    leave: () => void response.destroy(),
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(fits);
          if (!found && !over) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`the stream ended after ${JSON.stringify(events.map(({ job }) => job))}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
