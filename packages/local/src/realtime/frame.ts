/** One message of a Phoenix socket, in either version. */
export interface Frame {
  /** The `ref` of the join of the channel; null outside channels. */
  joinRef: string | null;
  /** Set when the sender expects a reply, which repeats it. */
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

export type Version = '1.0.0' | '2.0.0';

/** A message from one client to the others on its topic. Bytes stay bytes. */
export interface Broadcast {
  event: string;
  payload: unknown;
  meta?: unknown;
}

const PUSH = 3;
const DELIVERY = 4;
const JSON_PAYLOAD = 1;

export function encodeFrame({ joinRef, ref, topic, event, payload }: Frame, version: Version): string {
  return JSON.stringify(
    version === '2.0.0'
      ? [joinRef, ref, topic, event, payload]
      : { topic, event, payload, ref, join_ref: joinRef },
  );
}

/** @returns null for a malformed frame. */
export function decodeFrame(data: Buffer, isBinary: boolean, version: Version): Frame | null {
  if (isBinary) return decodePush(data);
  let message: unknown;
  try {
    message = JSON.parse(data.toString());
  } catch {
    return null;
  }
  if (version === '1.0.0') {
    const { topic, event, payload, ref, join_ref } = (message ?? {}) as Record<string, unknown>;
    return frameOf(join_ref, ref, topic, event, payload);
  }
  return Array.isArray(message) ? frameOf(message[0], message[1], message[2], message[3], message[4]) : null;
}

function frameOf(
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown,
): Frame | null {
  if (typeof topic !== 'string' || typeof event !== 'string') return null;
  return { joinRef: textOrNull(joinRef), ref: textOrNull(ref), topic, event, payload: payload ?? {} };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Version 2.0.0 sends broadcasts in binary: kind, five lengths, encoding, the five texts, the payload. */
function decodePush(data: Buffer): Frame | null {
  if (data.length < 7 || data[0] !== PUSH) return null;
  let at = 7;
  const take = (length: number) => {
    const start = at;
    at += length;
    return data.toString('utf8', start, at);
  };
  const [joinRef, ref, topic, event] = [take(data[1]!), take(data[2]!), take(data[3]!), take(data[4]!)];
  take(data[5]!);
  if (at > data.length) return null;
  const body = data.subarray(at);
  let payload: unknown = body;
  if (data[6] === JSON_PAYLOAD) {
    try {
      payload = JSON.parse(body.toString());
    } catch {
      return null;
    }
  }
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: 'broadcast',
    payload: { type: 'broadcast', event, payload },
  };
}

/** A binary broadcast, which text frames and version 1.0.0 cannot carry. */
export function encodeBytes(
  topic: string,
  { event, payload, meta }: Broadcast & { payload: Buffer },
): Buffer {
  const texts = [topic, event, meta === undefined ? '' : JSON.stringify(meta)].map((text) =>
    Buffer.from(text),
  );
  return Buffer.concat([Buffer.from([DELIVERY, ...texts.map((text) => text.length), 0]), ...texts, payload]);
}
