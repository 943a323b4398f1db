/** One message of a stream of server-sent events. */
export interface ServerEvent {
  event: string;
  data: string;
}

/** Parses server-sent events from text that may be split anywhere. */
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
    // A carriage return at the end may be the first half of a line break: keep it for the next piece.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) take(line);
  };
}
