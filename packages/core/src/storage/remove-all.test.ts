import { expect, test, vi } from 'vitest';
import { removeAll } from './remove-all.ts';
import { StorageUnavailable } from './storage.ts';

const keys = Array.from({ length: 20 }, (_, at) => `key-${at}`);

test('removes all objects', async () => {
  const remove = vi.fn(async (_: string) => {});
  expect((await removeAll({ delete: remove }, keys)).sort()).toEqual([...keys].sort());
  expect(remove).toHaveBeenCalledTimes(20);
});

test('after a failure no removal starts, and the removed keys are returned', async () => {
  const error = new StorageUnavailable('away');
  const remove = vi.fn(async (key: string) => {
    if (key === 'key-3') throw error;
  });
  const told: unknown[] = [];
  const removed = await removeAll({ delete: remove }, keys, { onError: (cause) => told.push(cause) });
  expect(told).toEqual([error]);
  expect(removed).not.toContain('key-3');
  expect(remove.mock.calls.length).toBeLessThan(20);
});

test('no removal starts after the signal', async () => {
  const remove = vi.fn(async () => {});
  expect(await removeAll({ delete: remove }, keys, { signal: AbortSignal.abort() })).toEqual([]);
  expect(remove).not.toHaveBeenCalled();
});
