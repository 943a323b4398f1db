import { describe, expect, it } from 'vitest';
import { createEventParser, type ServerEvent } from './event-parser.ts';

function parse(chunks: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const take = createEventParser((event) => events.push(event));
  for (const chunk of chunks) take(chunk);
  return events;
}

describe('server-sent events', () => {
  const text = [
    'retry: 1000\n\n',
    ': keep-alive\n\n',
    'event: job\nid: 1\ndata: {"a":\ndata:1}\n\n',
    'event:job\r\nid:2\r\ndata: {"b":2}\r\n\r\n',
    'data\r\rdata:  two spaces\r\r',
    'event: job\n\n',
    'data: last\n\n',
  ].join('');
  const events = [
    { event: 'job', data: '{"a":\n1}' },
    { event: 'job', data: '{"b":2}' },
    { event: 'message', data: '' },
    { event: 'message', data: ' two spaces' },
    { event: 'message', data: 'last' },
  ];

  it('are parsed by the standard: comments, all kinds of line breaks, data of several lines', () => {
    expect(parse([text])).toEqual(events);
  });

  it.each([1, 2, 3, 5, 7, 11])('are the same when they arrive in pieces of %i', (size) => {
    const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    expect(parse(chunks)).toEqual(events);
  });

  it('are not reported before they are complete', () => {
    expect(parse(['event: job\ndata: 1\n'])).toEqual([]);
  });
});
