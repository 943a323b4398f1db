import { EventEmitter } from 'node:events';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endWithProcess } from './end.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(stop = vi.fn(async () => {})) {
  const exit = vi.fn();
  const process = Object.assign(new EventEmitter(), { exit, connected: true });
  const log = createRecordedLog();
  endWithProcess({ process: process as never, stop, graceMs: 30_000, log });
  return { process, exit, stop, log };
}

test.each(['SIGTERM', 'SIGINT', 'disconnect'])('%s stops everything and exits 0', async (signal) => {
  const { process, exit, stop } = setUp();
  process.emit(signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(stop).toHaveBeenCalledExactlyOnceWith({ graceMs: 30_000, settleMs: 5_000 });
  expect(exit).toHaveBeenCalledExactlyOnceWith(0);
});

test('a second signal exits 1 at once', async () => {
  const { process, exit } = setUp(vi.fn(() => new Promise<void>(() => {})));
  process.emit('SIGTERM');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
});

test('whatever hangs, the process is gone three seconds after its grace', async () => {
  const { process, exit } = setUp(vi.fn(() => new Promise<void>(() => {})));
  process.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(33_000);
  expect(exit).toHaveBeenCalledExactlyOnceWith(0);
});

test.each(['uncaughtException', 'unhandledRejection'])(
  '%s is told, jobs are handed back, and it exits 1',
  async (event) => {
    const { process, exit, stop, log } = setUp();
    process.emit(event, new Error('our bug'));
    await vi.advanceTimersByTimeAsync(0);
    expect(log.told).toMatchObject([{ name: 'process_crashed' }]);
    expect(stop).toHaveBeenCalledExactlyOnceWith({ graceMs: 3_000, settleMs: 3_000 });
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  },
);
