import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openEventStream } from './event-stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string) => new TextEncoder().encode(text);

function open() {
  const onClose = vi.fn();
  const stream = openEventStream({ onClose });
  const reader = stream.body.getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? null : new TextDecoder().decode(value);
  };
  return { stream, reader, read, onClose };
}

test('sends what comes, in order, and ends when it is told to', async () => {
  const { stream, read, onClose } = open();
  stream.send('a', bytes('1'));
  expect(await read()).toBe('1');
  const next = read();
  stream.send('a', bytes('2'));
  stream.send('b', bytes('3'));
  stream.end();
  expect([await next, await read(), await read()]).toEqual(['2', '3', null]);
  expect(onClose).toHaveBeenCalledOnce();
});

test('keeps only the latest of each name for a client that does not read', async () => {
  const { stream, read } = open();
  for (let n = 0; n < 1_000; n += 1) stream.send(n % 2 ? 'odd' : 'even', bytes(String(n)));
  stream.end();
  expect([await read(), await read(), await read()]).toEqual(['998', '999', null]);
});

test('says every 15 s that it lives, unless the client does not read anyway', async () => {
  const { stream, read } = open();
  await vi.advanceTimersByTimeAsync(60_000);
  const first = read();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await first).toBe(': keep-alive\n\n');
  stream.send('a', bytes('1'));
  expect(await read(), 'none has piled up').toBe('1');
});

test('a client that goes away closes it once, and nothing goes on', async () => {
  const { stream, reader, onClose } = open();
  await reader.cancel();
  stream.send('a', bytes('1'));
  stream.end();
  expect(onClose).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});
