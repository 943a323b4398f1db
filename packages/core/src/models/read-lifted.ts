import { randomUUID } from 'node:crypto';
import { type LiftedBase64, liftBase64 } from './lifted-base64.ts';

/**
 * Parses JSON as `JSON.parse` does, except that a base64 value of a `data` field becomes a Buffer.
 * The base64 is decoded while it arrives, so that megabytes of text are not kept and the event loop is not blocked for long.
 * `expectedBytes` is the announced size of the body.
 * @throws SyntaxError when the body is not JSON, and any error of the body stream.
 */
export async function readLifted(
  body: AsyncIterable<Uint8Array>,
  { expectedBytes = 0 }: { expectedBytes?: number } = {},
): Promise<unknown> {
  const lifter = createLifter(expectedBytes);
  for await (const chunk of body) lifter.add(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  return lifter.end();
}

const quote = 0x22;
const backslash = 0x5c;

/** Scans JSON string by string and keeps everything except the lifted strings. */
function createLifter(expectedBytes: number) {
  /** The JSON, with a mark in the place of each lifted string. */
  const kept: Buffer[] = [];
  const lifted = new Map<string, Buffer>();
  const marks = randomUUID();
  let inside: 'nothing' | 'a string' | 'data' = 'nothing';
  /** The last byte was a backslash that escapes the next one. */
  let escaped = false;
  let data: LiftedBase64 = liftBase64(0);
  /** The last eight characters, without white space between strings. */
  let recent = '';

  return {
    add(chunk: Buffer): void {
      for (let at = 0; at < chunk.length; ) {
        if (inside === 'nothing') at = passStructure(chunk, at);
        else if (inside === 'a string') at = passString(chunk, at);
        else at = passData(chunk, at);
      }
    },
    end(): unknown {
      if (inside === 'data') kept.push(data.raw());
      const text = new TextDecoder().decode(Buffer.concat(kept));
      if (lifted.size === 0) return JSON.parse(text);
      return JSON.parse(text, (_key, value) => (typeof value === 'string' && lifted.get(value)) || value);
    },
  };

  function passStructure(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && chunk[at] !== quote) {
      if (chunk[at]! > 0x20) recent = `${recent}${String.fromCharCode(chunk[at]!)}`.slice(-8);
      at += 1;
    }
    if (at === chunk.length) return keep(chunk, from, at);
    inside = /^[{,]"data":$/.test(recent) ? 'data' : 'a string';
    if (inside === 'data') data = liftBase64(expectedBytes);
    remember(chunk, at, at + 1);
    return keep(chunk, from, at + 1);
  }

  function passString(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at += 1) {
      if (escaped) escaped = false;
      else if (chunk[at] === backslash) escaped = true;
      else if (chunk[at] === quote) {
        inside = 'nothing';
        at += 1;
        break;
      }
    }
    remember(chunk, from, at);
    return keep(chunk, from, at);
  }

  function passData(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(quote, from);
    const at = end === -1 ? chunk.length : end;
    const escapeAt = chunk.subarray(from, at).indexOf(backslash);
    if (escapeAt !== -1) {
      data.add(chunk.subarray(from, from + escapeAt));
      kept.push(data.raw());
      inside = 'a string';
      return from + escapeAt;
    }
    data.add(chunk.subarray(from, at));
    if (end === -1) return at;
    const bytes = data.end();
    kept.push(bytes ? Buffer.from(markOf(bytes)) : data.raw());
    inside = 'a string';
    return at;
  }

  function markOf(bytes: Buffer): string {
    if (bytes.length === 0) return '';
    const mark = `${marks}:${lifted.size}`;
    lifted.set(mark, bytes);
    return mark;
  }

  function remember(chunk: Buffer, from: number, to: number): void {
    recent = `${recent}${chunk.toString('latin1', Math.max(from, to - 8), to)}`.slice(-8);
  }

  /** Copies the bytes: the kept part is usually small, and a slice would keep the whole chunk in memory. */
  function keep(chunk: Buffer, from: number, to: number): number {
    kept.push(Buffer.from(chunk.subarray(from, to)));
    return to;
  }
}
