import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRecordedLog } from '../log/recorded.ts';
import { stopOnSignal } from './stop-on-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const hang = () => new Promise<void>(() => {});

function setUp(stop: () => Promise<void> = async () => {}) {
  const exit = vi.fn();
  const process = Object.assign(new EventEmitter(), { exit, connected: true });
  const log = createRecordedLog();
  const stopped = vi.fn(stop);
  stopOnSignal({
    process: process as never,
    stop: stopped,
    maxStopMs: { signal: 30_000, crash: 5_000 },
    log,
  });
  return { process, exit, stopped, log };
}

test.each(['SIGTERM', 'SIGINT', 'disconnect'])('%s stops everything and exits 0', async (cause) => {
  const { process, exit, stopped } = setUp();
  process.emit(cause);
  await vi.advanceTimersByTimeAsync(0);
  expect(stopped).toHaveBeenCalledExactlyOnceWith(cause);
  expect(exit).toHaveBeenCalledExactlyOnceWith(0);
});

test('a second signal exits 1 at once', async () => {
  const { process, exit } = setUp(hang);
  process.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(501);
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
});

test('one Ctrl-C that arrives from the terminal and from the parent is one signal', async () => {
  const { process, exit, stopped } = setUp(hang);
  process.emit('SIGINT');
  await vi.advanceTimersByTimeAsync(400);
  process.emit('SIGINT');
  process.emit('disconnect');
  expect(exit).not.toHaveBeenCalled();
  expect(stopped).toHaveBeenCalledOnce();
});

test('the process exits after its time limit, whatever hangs', async () => {
  const { process, exit, log } = setUp(hang);
  process.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(29_999);
  expect(exit).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(exit).toHaveBeenCalledExactlyOnceWith(0);
  expect(log.told).toMatchObject([{ name: 'unexpected_error' }]);
});

test.each(['uncaughtException', 'unhandledRejection'])(
  '%s is logged, stops everything and exits 1',
  async (cause) => {
    const { process, exit, stopped, log } = setUp();
    process.emit(cause, new Error('our bug'));
    await vi.advanceTimersByTimeAsync(0);
    expect(log.told).toMatchObject([{ name: 'process_crashed' }]);
    expect(stopped).toHaveBeenCalledExactlyOnceWith(cause);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  },
);

test('a crash leaves less time to stop than a signal', async () => {
  const { process, exit } = setUp(hang);
  process.emit('uncaughtException', new Error('our bug'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
});

test('a crash while stopping lets the stop finish and exits 1', async () => {
  const stopping = Promise.withResolvers<void>();
  const { process, exit, stopped } = setUp(() => stopping.promise);
  process.emit('SIGTERM');
  process.emit('unhandledRejection', new Error('our bug'));
  expect(exit).not.toHaveBeenCalled();
  stopping.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(stopped).toHaveBeenCalledOnce();
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
});
