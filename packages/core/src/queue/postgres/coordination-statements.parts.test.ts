import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { coordinationStatements } from './coordination-statements.ts';

const schema = `s-${randomUUID().slice(0, 8)}`;
const sql = coordinationStatements(schema);
const clients: pg.Client[] = [];
const connect = async () => {
  const client = new pg.Client({ connectionString: inject('postgresUrl')! });
  await client.connect();
  clients.push(client);
  return client;
};
let one: pg.Client;
let other: pg.Client;

beforeAll(async () => {
  [one, other] = [await connect(), await connect()];
  await Promise.all([one.query(sql.create), other.query(sql.create)]);
});
afterAll(async () => {
  await one.query(`drop schema ${pg.escapeIdentifier(schema)} cascade`);
  await Promise.all(clients.map((client) => client.end()));
});

test('expired rows, and no others, are deleted by one process at a time', async () => {
  await one.query(sql.count, ['lasting', 60]);
  await one.query(sql.count, ['brief', 0]);
  await one.query(sql.setValue, ['lasting', '', 60_000, 'always']);
  await one.query(sql.setValue, ['brief', '', 0, 'always']);
  const left = async () => {
    const table = (name: string) => `${pg.escapeIdentifier(schema)}.coordination_${name}`;
    const { rows } = await one.query(
      `select key from ${table('counters')} union all select key from ${table('values')} order by 1`,
    );
    return rows.map(({ key }) => key);
  };
  await one.query(`begin; ${sql.clean}; rollback; begin`);
  await one.query(sql.clean);
  await other.query(sql.clean);
  await one.query('rollback');
  expect(await left(), 'the other process holds the lock').toEqual(['brief', 'brief', 'lasting', 'lasting']);
  await other.query(sql.clean);
  expect(await left()).toEqual(['lasting', 'lasting']);
});

test('the server’s clock decides when a window ends', async () => {
  const { rows } = await one.query(sql.count, ['clock', 60]);
  expect(rows).toEqual([{ count: 1, reset_ms: expect.any(String) }]);
  const { rows: kept } = await one.query(
    `select expires_ms > extract(epoch from clock_timestamp()) * 1000 as ahead
     from ${pg.escapeIdentifier(schema)}.coordination_counters where key = 'clock'`,
  );
  expect(kept).toEqual([{ ahead: true }]);
});
