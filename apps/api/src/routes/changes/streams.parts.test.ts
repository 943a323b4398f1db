import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { noHints } from '@darkroom/core/queue/hints';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { afterEach, expect, test, vi } from 'vitest';
import { createChangeFeed } from '../../changes/feed.ts';
import { type Served, serve } from '../../serve.ts';
import { createFakeDatabase } from '../../testing/fake-database.ts';
import { createTestApi } from '../../testing/test-api.ts';

const within = { timeout: 10_000 };

let served: Served | undefined;
afterEach(async () => {
  await served?.stop({ graceMs: 0 });
});

/** The API on real sockets, with a change feed that the test can inspect. */
async function open() {
  const db = createFakeDatabase();
  const changes = createChangeFeed({ db, hints: noHints, log: createRecordedLog(), everyMs: 20 });
  const api = await createTestApi({ db, changes });
  served = await serve({ fetch: api.app.fetch, port: 0, hostname: '127.0.0.1' });
  const { job } = (await (await api.post({ prompt: 'a fox' })).json()) as { job: { id: string } };
  const path = `/v1/jobs/${job.id}/events`;
  const ask = (to = path, method = 'GET', headers = {}): ClientRequest => {
    const sent = request(`${served!.url}${to}`, {
      method,
      headers: { authorization: api.alice, ...headers },
    });
    sent.on('error', () => {});
    sent.end();
    return sent;
  };
  const follow = async (to?: string, method?: string, headers?: object) => {
    const [response] = (await once(ask(to, method, headers), 'response')) as [IncomingMessage];
    response.on('error', () => {});
    return response;
  };
  const row = db.jobs.get(job.id)!;
  return { db, changes, row, ask, follow, path, api };
}

async function textUntil(response: IncomingMessage, part: string): Promise<string> {
  let text = '';
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes(part)) break;
  }
  return text;
}

test('a client that disconnects is unfollowed, whether it has read anything or not', async () => {
  const { changes, follow } = await open();
  const responses = await Promise.all([follow(), follow('/v1/events'), follow()]);
  await textUntil(responses[0]!, 'event: job');
  expect(changes.size).toBe(3);
  for (const response of responses) response.destroy();
  await vi.waitFor(() => expect(changes.size).toBe(0), within);
});

test('a client that disconnects before the response begins leaves no follower', async () => {
  const { changes, ask, db } = await open();
  const reading = Promise.withResolvers<void>();
  const proceed = Promise.withResolvers<void>();
  const { getJob } = db;
  Object.defineProperty(db, 'getJob', {
    value: async (query: Parameters<typeof getJob>[0]) => {
      reading.resolve();
      await proceed.promise;
      return getJob(query);
    },
  });
  const sent = ask();
  await reading.promise;
  sent.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  proceed.resolve();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await vi.waitFor(() => expect(changes.size).toBe(0), within);
});

test('a wait ends when its client disconnects', async () => {
  const { changes, ask, path } = await open();
  const sent = ask(path.replace('/events', '?wait=25'));
  await vi.waitFor(() => expect(changes.size).toBe(1), within);
  sent.destroy();
  await vi.waitFor(() => expect(changes.size).toBe(0), within);
});

test('a client that reads nothing delays nobody, and gets the latest state once it reads', async () => {
  const { row, follow } = await open();
  const slow = await follow();
  const quick = await follow();
  row.prompt = 'x'.repeat(200_000);
  for (let n = 0; n < 40; n += 1) {
    row.version += 1;
    await textUntil(quick, `"version":${row.version}`);
  }
  Object.assign(row, { status: 'completed', version: 100 });
  expect(await textUntil(quick, 'never')).toContain('"version":100');
  const text = await textUntil(slow, 'never');
  const versions = [...text.matchAll(/"version":(\d+)/g)].map((match) => Number(match[1]));
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(versions.at(-1)).toBe(100);
});

test('closing the feed ends all streams, so that stop does not wait for them, and rejects new ones', async () => {
  const { changes, follow, api, path } = await open();
  const streams = await Promise.all([follow(), follow('/v1/events')]);
  changes.close();
  const startedAt = performance.now();
  await Promise.all([
    ...streams.map((stream) => textUntil(stream, 'never')),
    served!.stop({ graceMs: 20_000 }),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  const refused = await api.get(path);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('Retry-After')).toBe('1');
});

test('HEAD returns the headers and follows nothing', async () => {
  const { changes, follow } = await open();
  const response = await follow(undefined, 'HEAD');
  response.resume();
  await once(response, 'end');
  expect(response.headers['content-type']).toContain('text/event-stream');
  expect(changes.size).toBe(0);
});

test('a failed poll is never visible in a stream', async () => {
  const { db, row, follow } = await open();
  const stream = await follow();
  db.fail('listChanges', new Error('secret host'));
  await new Promise((resolve) => setTimeout(resolve, 80));
  db.fail('listChanges', null);
  Object.assign(row, { status: 'completed', version: 9 });
  const text = await textUntil(stream, 'never');
  expect(text).toContain('"version":9');
  expect(text).not.toContain('secret');
});
