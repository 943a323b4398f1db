import { get, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isLive, listen, name, openRealtime, type Realtime, until } from './fixture/open.ts';

let realtime: Realtime;
let connect: Realtime['connect'];
let follow: Realtime['follow'];
let gateway: Realtime['gateway'];
let postgres: Realtime['postgres'];
beforeAll(async () => {
  realtime = await openRealtime();
  ({ connect, follow, gateway, postgres } = realtime);
});
afterEach(() => realtime.leave());
afterAll(() => realtime?.close());

describe('a subscription', () => {
  it.each([
    [{ table: 'unpublished' }, 'it is not in the publication'],
    [{ table: 'things', filter: 'nothing=eq.1' }, 'invalid column for filter nothing'],
    [{ table: 'things', filter: 'secret=eq.1' }, 'invalid column for filter secret'],
    [{ table: 'things', filter: 'n=eq.one' }, 'invalid input syntax'],
    [{ table: 'things', filter: 'n~1' }, 'Error parsing `filter` params'],
  ])(
    'to %j is refused in words, at once or, if the client waits, instead of the join',
    async (filter, why) => {
      const client = await connect('i');
      const heard = listen(client.channel(name()), filter);
      await expect.poll(() => heard.systems).toHaveLength(1);
      expect(heard.systems[0]).toMatchObject({ extension: 'postgres_changes', status: 'error' });
      expect(heard.systems[0].message).toContain(why);
      expect(heard.states).toEqual(['SUBSCRIBED']);

      const waiting = listen(
        client.channel(name(), { config: { postgres_changes_options: { wait: true } } }),
        filter,
      );
      await expect.poll(() => waiting.states).toEqual(['CHANNEL_ERROR']);
      expect(waiting.problems[0]).toMatch(/^RealtimeDisabledForConfiguration: /);
    },
  );

  it('that the client waits for is live when the client is informed', async () => {
    const heard = listen(
      (await connect('j')).channel(name(), { config: { postgres_changes_options: { wait: true } } }),
      { table: 'things' },
    );
    await expect.poll(() => heard.states, { timeout: 10_000 }).toEqual(['SUBSCRIBED']);
    await gateway.sql(`insert into things (id, user_id) values (600, 'j')`);
    await until(heard, 1);
  });

  it('ends with the channel, and the client can rejoin the topic', async () => {
    const client = await connect('k');
    const topic = name();
    const channel = client.channel(topic);
    const heard = listen(channel, { table: 'things' });
    await isLive(heard);
    expect(await client.removeChannel(channel)).toBe('ok');
    expect(heard.states).toEqual(['SUBSCRIBED', 'CLOSED']);
    const again = listen(client.channel(topic), { table: 'things' });
    await isLive(again);
    await gateway.sql(`insert into things (id, user_id) values (700, 'k')`);
    await until(again, 1);
    expect(heard.changes).toEqual([]);
  });
});

describe('topics', () => {
  it('send JSON and bytes to the other clients, and to the sender only on request', async () => {
    const topic = name();
    const config = { config: { broadcast: { ack: true, self: false } } };
    const [first, second] = [await connect('l'), await connect('m')];
    const sender = first.channel(topic, config);
    const [sent, heard] = [listen(sender), listen(second.channel(topic, config))];
    await expect.poll(() => [sent.states, heard.states]).toEqual([['SUBSCRIBED'], ['SUBSCRIBED']]);
    expect(await sender.send({ type: 'broadcast', event: 'hé', payload: { x: 'ü' } })).toBe('ok');
    expect(
      await sender.send({ type: 'broadcast', event: 'raw', payload: new Uint8Array([1, 255]).buffer as any }),
    ).toBe('ok');
    await expect.poll(() => heard.broadcasts).toHaveLength(2);
    expect(heard.broadcasts[0]).toMatchObject({ event: 'hé', payload: { x: 'ü' } });
    expect([...new Uint8Array(heard.broadcasts[1].payload)]).toEqual([1, 255]);
    expect(sent.broadcasts).toEqual([]);
  });

  it('that are private admit and let send only whom the policies allow', async () => {
    const config = { config: { private: true, broadcast: { ack: true, self: true } } };
    const own = listen((await connect('n')).channel('mine:n', config));
    const foreign = listen((await connect('o')).channel('mine:n', config));
    const pub = listen((await connect('o')).channel('mine:n'));
    const quiet = (await connect('n')).channel('read only', config);
    const silent = listen(quiet);
    await expect
      .poll(() => [own.states[0], foreign.states[0], pub.states[0], silent.states[0]])
      .toEqual(['SUBSCRIBED', 'CHANNEL_ERROR', 'SUBSCRIBED', 'SUBSCRIBED']);
    expect(foreign.problems[0]).toBe(
      'Unauthorized: You do not have permissions to read from this Channel topic: mine:n',
    );
    await quiet.send({ type: 'broadcast', event: 'e', payload: {} });
    await gateway.sql(`insert into realtime.messages (topic, extension, event, payload, private)
      values ('mine:n', 'broadcast', 'told', '{"a": 1}', true), ('read only', 'broadcast', 'last', '{}', true)`);
    await expect.poll(() => [own.broadcasts.length, silent.broadcasts.length]).toEqual([1, 1]);
    expect(own.broadcasts[0]).toMatchObject({ event: 'told', payload: { a: 1 } });
    expect(silent.broadcasts[0].event).toBe('last');
    expect([foreign.broadcasts, pub.broadcasts]).toEqual([[], []]);
  });
});

describe('the connection', () => {
  it('needs a key of the project', async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${gateway.url}/realtime/v1/websocket?apikey=wrong&vsn=2.0.0`, {
        headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
      })
        .on('response', resolve)
        .on('error', reject);
    });
    expect([answer.statusCode, await new Response(answer as any).json()]).toEqual([
      401,
      { error: 'Invalid API key' },
    ]);
  });

  it('survives a restart of Postgres: the client is informed, and later changes arrive', async () => {
    const heard = await follow('p', { table: 'things' });
    for (const mode of ['fast', 'kill'] as const) {
      heard.systems.length = 0;
      await postgres.restart({ mode });
      await isLive(heard);
      const before = heard.changes.length;
      await gateway.sql(`insert into things (id, user_id) values (${mode === 'fast' ? 800 : 801}, 'p')`);
      await until(heard, before + 1);
    }
    expect(heard.states).toEqual(['SUBSCRIBED']);
    expect(heard.changes.map((change) => change.new.id)).toEqual([800, 801]);
  });

  it('has one replication slot, and none after the gateway has stopped', async () => {
    await follow('q', { table: 'things' });
    const slots = () => gateway.sql('select slot_name, temporary from pg_replication_slots');
    expect(await slots()).toMatchObject([{ temporary: true }]);
    await gateway.stopGateway();
    expect(await slots()).toEqual([]);
  });
});
