import { randomUUID } from 'node:crypto';
import { createCaller } from '../caller.ts';
import type { RedisLocation } from '../location.ts';
import { QueueUnavailable } from '../queue.ts';
import type { Count, Note, Shared, SharedOptions } from '../shared.ts';
import { connectRedis } from './client.ts';

/** What the processes share, on Redis, Valkey or a Redis Cluster. */
export function openRedisShared(
  location: RedisLocation,
  { log, patienceMs }: Required<Omit<SharedOptions, 'url'>>,
): Shared {
  const caller = createCaller({ log });
  const client = connectRedis(location, 'producer', (error) => caller.failed(error));
  /** Before the first connection nothing has failed yet: there is nothing to tell, and nothing to wait for. */
  let everReady = false;
  client.once('ready', () => {
    everReady = true;
  });
  const placesKey = `${location.prefix}:places`;
  const notesKey = `${location.prefix}:notes`;

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    if (!everReady) throw new QueueUnavailable('Redis is not connected yet.');
    return caller.ask(patienceMs, async () => {
      if (client.status !== 'ready') throw new QueueUnavailable('Redis is not connected.');
      return question();
    });
  }

  return {
    backend: 'redis',
    count: (counters) =>
      ask(async () => {
        const keys = counters.map(({ key }) => `${location.prefix}:count:${key}`);
        const windows = counters.flatMap(({ seconds, most }) => [seconds * 1_000, most]);
        const flat = (await client.eval(countScript, keys.length, ...keys, ...windows)) as number[];
        return Array.from({ length: flat.length / 2 }, (_, n): Count => {
          const [counted = 0, resetMs = 0] = flat.slice(n * 2, n * 2 + 2);
          return { counted, resetMs: Math.max(0, resetMs) };
        });
      }),
    takePlace: (key, { most, windowMs }) =>
      ask(async () => {
        const keys = [`${placesKey}:${key}`, `${placesKey}:${key}:waiting`];
        const place = randomUUID();
        const waitMs = Number(await client.eval(takePlaceScript, 2, ...keys, most, windowMs, place));
        return waitMs < 0 ? { taken: true, place } : { taken: false, waitMs };
      }),
    async givePlace(key, place) {
      await ask(() => client.zrem(`${placesKey}:${key}`, place));
    },
    note: (key, value, { ttlMs, if: only }) =>
      ask(async () =>
        Boolean(await client.eval(noteScript, 1, notesKey, key, value, Math.ceil(ttlMs), only)),
      ),
    async erase(notes) {
      if (notes.length === 0) return;
      const pairs = notes.flatMap(({ key, value }) => [key, value ?? '', value === undefined ? '1' : '0']);
      await ask(() => client.eval(eraseScript, 1, notesKey, ...pairs));
    },
    notes: () =>
      ask(async () => {
        const flat = (await client.eval(notesScript, 1, notesKey)) as (string | number)[];
        return Array.from({ length: flat.length / 3 }, (_, n): Note => {
          const [key, value, remainingMs] = flat.slice(n * 3, n * 3 + 3);
          return { key: String(key), value: String(value), remainingMs: Number(remainingMs) };
        });
      }),
    async close() {
      caller.hush();
      client.disconnect();
    },
  };
}

const serverTime = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

/** A window begins with the first that is counted in it, and is over when its key is. */
const countScript = `
local answer = {}
for i = 1, #KEYS do
  local counted = redis.call('incr', KEYS[i])
  if counted == 1 then redis.call('pexpire', KEYS[i], ARGV[2 * i - 1]) end
  answer[2 * i - 1] = counted
  answer[2 * i] = redis.call('pttl', KEYS[i])
  if counted > tonumber(ARGV[2 * i]) then break end
end
return answer`;

/**
 * The places taken within the window, by time. Who is turned away gets the number of those turned away before in this
 * window, and comes back when that many more places are free.
 */
const takePlaceScript = `${serverTime}
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - window)
local taken = redis.call('zcard', KEYS[1])
if taken < most then
  redis.call('zadd', KEYS[1], now, ARGV[3])
  redis.call('pexpire', KEYS[1], window)
  return -1
end
local before = redis.call('incr', KEYS[2]) - 1
if before == 0 then redis.call('pexpire', KEYS[2], window) end
local nth = before % taken
local at = redis.call('zrange', KEYS[1], nth, nth, 'withscores')[2]
return math.max(1, tonumber(at) + window - now)`;

/** A note is the time at which it runs out, a bar, and its value. */
const noteScript = `${serverTime}
local untilMs = now + tonumber(ARGV[3])
local there = redis.call('hget', KEYS[1], ARGV[1])
local thereUntil = there and tonumber(string.match(there, '^(%d+)|')) or 0
if ARGV[4] == 'absent' and thereUntil > now then return 0 end
if ARGV[4] == 'longer' and thereUntil > untilMs then return 0 end
redis.call('hset', KEYS[1], ARGV[1], string.format('%.0f', untilMs) .. '|' .. ARGV[2])
return 1`;

const eraseScript = `
for i = 1, #ARGV, 3 do
  local there = redis.call('hget', KEYS[1], ARGV[i])
  if there and (ARGV[i + 2] == '1' or string.match(there, '^%d+|(.*)$') == ARGV[i + 1]) then
    redis.call('hdel', KEYS[1], ARGV[i])
  end
end
return 0`;

const notesScript = `${serverTime}
local found = {}
local all = redis.call('hgetall', KEYS[1])
for i = 1, #all, 2 do
  local untilMs, value = string.match(all[i + 1], '^(%d+)|(.*)$')
  local left = (tonumber(untilMs) or 0) - now
  if left > 0 then
    found[#found + 1] = all[i]
    found[#found + 1] = value
    found[#found + 1] = left
  else
    redis.call('hdel', KEYS[1], all[i])
  end
end
return found`;
