import { expect, test } from 'vitest';
import { parseQueueUrl } from './location.ts';

test('a Redis queue lives under a hash tag, so that a cluster keeps it in one slot', () => {
  expect(parseQueueUrl('redis://:p%40ss@host:6379/2')).toEqual({
    backend: 'redis',
    url: 'redis://:p%40ss@host:6379/2',
    namespace: null,
    prefix: '{darkroom}',
    cluster: false,
  });
});

test('a namespace and the cluster flag are ours and taken out of the URL', () => {
  expect(parseQueueUrl('rediss://host:6379?namespace=abc&cluster=true&family=6')).toMatchObject({
    url: 'rediss://host:6379?family=6',
    prefix: '{darkroom-abc}',
    cluster: true,
  });
  expect(parseQueueUrl('postgres://u@host/db?namespace=abc&sslmode=require')).toMatchObject({
    url: 'postgres://u@host/db?sslmode=require',
    schema: 'bullmq_abc',
  });
});

test('session options of a Postgres URL are kept apart, where they cannot undo the search path', () => {
  expect(parseQueueUrl('postgresql://u@host/db?options=-c%20work_mem%3D8MB')).toMatchObject({
    url: 'postgresql://u@host/db',
    schema: 'bullmq',
    sessionOptions: '-c work_mem=8MB',
  });
});

test('a transaction pooler is refused with the reason', () => {
  expect(() => parseQueueUrl('postgres://u:p@pooler.supabase.com:6543/postgres')).toThrow(/LISTEN/);
});

test.each(['', 'localhost:6379', 'http://host', 'redis://host?namespace=A-B', 'redis://host?namespace=a%7D'])(
  '%s is refused',
  (url) => {
    expect(() => parseQueueUrl(url)).toThrow(expect.objectContaining({ name: 'QueueUrlInvalid' }));
  },
);
