import { randomUUID } from 'node:crypto';
import type { Log } from '../../runtime/log/log.ts';
import type { Coordination, Count, StoredValue } from '../coordination.ts';
import type { RedisLocation } from '../location.ts';
import { createOutageGuard } from '../outage-guard.ts';
import { QueueUnavailable } from '../queue.ts';
import { connectRedis } from './client.ts';

/** Coordination on Redis, Valkey or a Redis Cluster. */
export function openRedisCoordination(
  location: RedisLocation,
  { log, timeoutMs }: { log: Log; timeoutMs: number },
): Coordination {
  const guard = createOutageGuard({ log });
  const client = connectRedis(location, 'producer', (error) => guard.failed(error));
  /** Until the first connection calls are rejected without waiting, and no outage is logged. */
  let everReady = false;
  client.once('ready', () => {
    everReady = true;
  });
  const slotsKey = `${location.prefix}:slots`;
  const valuesKey = `${location.prefix}:values`;

  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (!everReady) throw new QueueUnavailable('Redis is not connected yet.');
    return guard.call(timeoutMs, async () => {
      if (client.status !== 'ready') throw new QueueUnavailable('Redis is not connected.');
      return work();
    });
  }

  return {
    backend: 'redis',
    count: (counters) =>
      call(async () => {
        const keys = counters.map(({ key }) => `${location.prefix}:count:${key}`);
        const windows = counters.flatMap(({ windowSeconds, limit }) => [windowSeconds * 1_000, limit]);
        const flat = (await client.eval(countScript, keys.length, ...keys, ...windows)) as number[];
        return Array.from({ length: flat.length / 2 }, (_, n): Count => {
          const [count = 0, resetMs = 0] = flat.slice(n * 2, n * 2 + 2);
          return { count, resetMs: Math.max(0, resetMs) };
        });
      }),
    reserve: (key, { limit, windowMs }) =>
      call(async () => {
        const keys = [`${slotsKey}:${key}`, `${slotsKey}:${key}:waiting`];
        const slotId = randomUUID();
        const waitMs = Number(await client.eval(reserveScript, 2, ...keys, limit, windowMs, slotId));
        return waitMs < 0 ? { reserved: true, slotId } : { reserved: false, waitMs };
      }),
    async release(key, slotId) {
      await call(() => client.zrem(`${slotsKey}:${key}`, slotId));
    },
    setValue: (key, value, { ttlMs, if: condition }) =>
      call(async () =>
        Boolean(await client.eval(setValueScript, 1, valuesKey, key, value, Math.ceil(ttlMs), condition)),
      ),
    async deleteValues(values) {
      if (values.length === 0) return;
      const args = values.flatMap(({ key, value }) => [key, value ?? '', value === undefined ? '1' : '0']);
      await call(() => client.eval(deleteValuesScript, 1, valuesKey, ...args));
    },
    listValues: () =>
      call(async () => {
        const flat = (await client.eval(listValuesScript, 1, valuesKey)) as (string | number)[];
        return Array.from({ length: flat.length / 3 }, (_, n): StoredValue => {
          const [key, value, remainingMs] = flat.slice(n * 3, n * 3 + 3);
          return { key: String(key), value: String(value), remainingMs: Number(remainingMs) };
        });
      }),
    async close() {
      guard.mute();
      client.disconnect();
    },
  };
}

const serverTime = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

/** A window starts with its first increment and ends when its key expires. */
const countScript = `
local answer = {}
for i = 1, #KEYS do
  local count = redis.call('incr', KEYS[i])
  if count == 1 then redis.call('pexpire', KEYS[i], ARGV[2 * i - 1]) end
  answer[2 * i - 1] = count
  answer[2 * i] = redis.call('pttl', KEYS[i])
  if count > tonumber(ARGV[2 * i]) then break end
end
return answer`;

/**
 * Keeps the slots taken within the window, by time. The nth caller turned away in this window is told the time at which
 * the nth slot becomes free.
 */
const reserveScript = `${serverTime}
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - window)
local taken = redis.call('zcard', KEYS[1])
if taken < limit then
  redis.call('zadd', KEYS[1], now, ARGV[3])
  redis.call('pexpire', KEYS[1], window)
  return -1
end
local before = redis.call('incr', KEYS[2]) - 1
if before == 0 then redis.call('pexpire', KEYS[2], window) end
local nth = before % taken
local at = redis.call('zrange', KEYS[1], nth, nth, 'withscores')[2]
return math.max(1, tonumber(at) + window - now)`;

/** Each value is stored as its expiry time in epoch milliseconds, a bar, and the value itself. */
const setValueScript = `${serverTime}
local untilMs = now + tonumber(ARGV[3])
local current = redis.call('hget', KEYS[1], ARGV[1])
local currentUntil = current and tonumber(string.match(current, '^(%d+)|')) or 0
if ARGV[4] == 'absent' and currentUntil > now then return 0 end
if ARGV[4] == 'longer' and currentUntil > untilMs then return 0 end
redis.call('hset', KEYS[1], ARGV[1], string.format('%.0f', untilMs) .. '|' .. ARGV[2])
return 1`;

const deleteValuesScript = `
for i = 1, #ARGV, 3 do
  local current = redis.call('hget', KEYS[1], ARGV[i])
  if current and (ARGV[i + 2] == '1' or string.match(current, '^%d+|(.*)$') == ARGV[i + 1]) then
    redis.call('hdel', KEYS[1], ARGV[i])
  end
end
return 0`;

const listValuesScript = `${serverTime}
local found = {}
local all = redis.call('hgetall', KEYS[1])
for i = 1, #all, 2 do
  local untilMs, value = string.match(all[i + 1], '^(%d+)|(.*)$')
  local remaining = (tonumber(untilMs) or 0) - now
  if remaining > 0 then
    found[#found + 1] = all[i]
    found[#found + 1] = value
    found[#found + 1] = remaining
  else
    redis.call('hdel', KEYS[1], all[i])
  end
end
return found`;
