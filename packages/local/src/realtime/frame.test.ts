import Serializer from '@supabase/realtime-js/dist/module/lib/serializer.js';
import { expect, test } from 'vitest';
import { decodeFrame, encodeBytes, encodeFrame, type Frame } from './frame.ts';

const frame: Frame = { joinRef: '1', ref: '2', topic: 'realtime:a', event: 'phx_join', payload: { b: [1] } };
// The package publishes CommonJS under this path.
const Codec = ((Serializer as any).default ?? Serializer) as any;

test.each(['1.0.0', '2.0.0'] as const)('a frame of version %s is read as it was written', (version) => {
  expect(decodeFrame(Buffer.from(encodeFrame(frame, version)), false, version)).toEqual(frame);
});

test.each(['', 'no json', '{}', '[1]', 'null'])('%j is not a frame', (text) => {
  expect(decodeFrame(Buffer.from(text), false, '2.0.0')).toBeNull();
  expect(decodeFrame(Buffer.from(text), false, '1.0.0')).toBeNull();
});

function push(payload: unknown): Buffer {
  let bytes: ArrayBuffer | undefined;
  new Codec().encode(
    {
      join_ref: '7',
      ref: '8',
      topic: 'realtime:böse',
      event: 'broadcast',
      payload: { type: 'broadcast', event: 'hé', payload },
    },
    (encoded: ArrayBuffer) => {
      bytes = encoded;
    },
  );
  return Buffer.from(bytes!);
}

test('a binary broadcast of the client is read', () => {
  expect(decodeFrame(push({ x: 'ü' }), true, '2.0.0')).toEqual({
    joinRef: '7',
    ref: '8',
    topic: 'realtime:böse',
    event: 'broadcast',
    payload: { type: 'broadcast', event: 'hé', payload: { x: 'ü' } },
  });
  const cut = push({ x: 'ü' });
  for (let length = 0; length < cut.length; length += 1) {
    expect(() => decodeFrame(cut.subarray(0, length), true, '2.0.0')).not.toThrow();
  }
});

test('a binary broadcast reaches the client unchanged', () => {
  const sent = encodeBytes('realtime:a', {
    event: 'e',
    payload: Buffer.from([1, 2, 255]),
    meta: { id: 'x' },
  });
  const bytes = new Uint8Array(sent).buffer;
  new Codec().decode(bytes, (message: any) => {
    expect(message).toMatchObject({ topic: 'realtime:a', event: 'broadcast' });
    expect(message.payload).toMatchObject({ event: 'e', meta: { id: 'x' } });
    expect([...new Uint8Array(message.payload.payload)]).toEqual([1, 2, 255]);
  });
});
