import { expect, test } from 'vitest';
import { createStatements } from './statement.ts';

test('a call is one statement with its arguments by name; undefined arguments are left out', () => {
  const statements = createStatements();
  expect(statements.of('list_jobs', { p_user_id: 'ada', p_limit: 3, p_status: undefined }, null)).toEqual({
    name: 'darkroom_0',
    text: 'select to_json(public.list_jobs(p_user_id => $1, p_limit => $2)) as result',
    values: ['ada', '3'],
  });
});

test('calls with the same arguments share a name, whatever the values; other calls have other names', () => {
  const statements = createStatements();
  const nameOf = (args: object, trace: string | null = null) => statements.of('f', { ...args }, trace).name;
  expect(nameOf({ p_a: 1 })).toBe(nameOf({ p_a: null }));
  const names = [nameOf({ p_a: 1 }), nameOf({}), nameOf({ p_b: 1 }), nameOf({ p_a: 1 }, 'trace')];
  expect(new Set(names).size).toBe(4);
});

test('lists and objects are JSON; an array of SQL is an array', () => {
  const { values } = createStatements().of(
    'f',
    { p_list: ['a', 1], p_object: { a: null }, p_no: null, p_yes: true, p_keys: ['a "b"'] },
    null,
  );
  expect(values).toEqual(['["a",1]', '{"a":null}', null, 'true', ['a "b"']]);
});

test('a trace is set before the call and within its transaction', () => {
  expect(createStatements().of('f', { p_a: 1 }, '00-a-b-01')).toMatchObject({
    text:
      "with header as materialized (select set_config('request.headers', $2, true)) " +
      'select to_json(public.f(p_a => $1)) as result from header',
    values: ['1', '{"x-darkroom-trace":"00-a-b-01"}'],
  });
});
