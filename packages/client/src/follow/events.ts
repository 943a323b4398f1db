/** One message of a stream of server-sent events. */
export interface ServerEvent {
  event: string;
  data: string;
}

/** Reads server-sent events from text that comes in pieces, cut anywhere. */
export function createEventParser(onEvent: (event: ServerEvent) => void): (text: string) => void {
  let rest = '';
  let event = '';
  let data: string[] = [];

  function take(line: string): void {
    if (line === '') {
      if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    if (name === 'event') event = value!;
    if (name === 'data') data.push(value!);
  }

  return (text) => {
    // A carriage return at the very end may be the first half of a line's end: it waits for what follows.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) take(line);
  };
}
