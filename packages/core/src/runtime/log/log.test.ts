import { describe, expect, test } from 'vitest';
import { createLog, type LogOptions } from './log.ts';
import { createRecordedLog } from './recorded.ts';

describe('log', () => {
  test('a fact becomes one JSON line with its level, wording, name and fields', () => {
    const { log, lines } = logToMemory();
    log.fact('job_completed', { job_id: 'j1', ms: 12 });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        name: 'test',
        event: 'job_completed',
        msg: 'Completed a job',
        job_id: 'j1',
        ms: 12,
      }),
    ]);
    expect(lines()[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('fields passed to `with` are added to every later fact', () => {
    const { log, lines } = logToMemory();
    log.with({ worker_id: 'w1' }).with({ job_id: 'j1' }).fact('job_lost', { job_id: 'j2' });
    expect(lines()[0]).toMatchObject({ worker_id: 'w1', job_id: 'j2' });
  });

  test('facts below the level are not written', () => {
    const { log, lines } = logToMemory({ level: 'error' });
    log.fact('job_completed');
    log.fact('provider_misconfigured');
    expect(lines()).toHaveLength(1);
  });

  test('secrets, prompts and image data are never written', () => {
    const { log, text } = logToMemory();
    log.fact('unexpected_error', {
      prompt: 'a hidden cat',
      headers: { Authorization: 'Bearer hidden', cookie: 'hidden' },
      apikey: 'hidden',
      geminiApiKey: 'hidden',
      reference_image_base64: 'hidden',
      access_token: 'hidden',
      bytes: Buffer.from('hidden'),
      error: new Error('connect redis://user:hidden@host:6379 with Bearer hidden', {
        cause: new Error('https://x.test/?key=hidden'),
      }),
    });
    expect(text()).not.toContain('hidden');
  });

  test('a row that Postgres quotes in an error is redacted', () => {
    const { log, text } = logToMemory();
    const error = new Error(
      'refused: 23514 violates "prompt_length" Failing row contains (7, a hidden\ncat).',
    );
    log.fact('unexpected_error', { error });
    expect(text()).toContain('prompt_length');
    expect(text()).not.toContain('hidden');
    expect(text()).not.toContain('cat');
  });

  test('object keys and the cause of an error stay readable', () => {
    const { log, lines } = logToMemory();
    log.fact('storage_retried', {
      object_key: 'users/u/jobs/j/1-x.png',
      error: new Error('outer', { cause: new TypeError('inner') }),
    });
    expect(lines()[0]).toMatchObject({
      object_key: 'users/u/jobs/j/1-x.png',
      error: { name: 'Error', message: 'outer', cause: { name: 'TypeError', message: 'inner' } },
    });
  });

  test('a fact with a circular or throwing field is still logged', () => {
    const { log, lines } = logToMemory();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    log.fact('unexpected_error', { circular });
    log.fact('unexpected_error', {
      get bad() {
        throw new Error('no');
      },
    });
    expect(lines()).toHaveLength(2);
  });

  test('a pretty log is not JSON', () => {
    const { log, text } = logToMemory({ pretty: true });
    log.fact('worker_started', { concurrency: 8 });
    expect(text()).toContain('The worker started');
    expect(text().trimStart().startsWith('{')).toBe(false);
  });

  test('a recorded log keeps its facts and their fields', () => {
    const log = createRecordedLog();
    log.with({ a: 1 }).fact('queue_recovered', { b: 2 });
    expect(log.told).toEqual([{ name: 'queue_recovered', fields: { a: 1, b: 2 } }]);
  });
});

function logToMemory(options: Partial<LogOptions> = {}) {
  let written = '';
  const destination = {
    write: (line: string) => {
      written += line;
    },
  };
  return {
    log: createLog({ level: 'trace', pretty: false, name: 'test', destination, ...options }),
    text: () => written,
    lines: () =>
      written
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
