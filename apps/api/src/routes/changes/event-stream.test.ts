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

test('chunks are sent in order, and end closes the stream after them', async () => {
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

test('only the latest chunk per key is kept for a client that does not read', async () => {
  const { stream, read } = open();
  for (let n = 0; n < 1_000; n += 1) stream.send(n % 2 ? 'odd' : 'even', bytes(String(n)));
  stream.end();
  expect([await read(), await read(), await read()]).toEqual(['998', '999', null]);
});

test('a keep-alive comment is sent every 15 s to a client that reads', async () => {
  const { stream, read } = open();
  await vi.advanceTimersByTimeAsync(60_000);
  const first = read();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await first).toBe(': keep-alive\n\n');
  stream.send('a', bytes('1'));
  expect(await read(), 'no comments have accumulated').toBe('1');
});

test('a client that disconnects closes the stream once and leaves no timer', async () => {
  const { stream, reader, onClose } = open();
  await reader.cancel();
  stream.send('a', bytes('1'));
  stream.end();
  expect(onClose).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});
