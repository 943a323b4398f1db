import type { RawData, WebSocket } from 'ws';
import { type Channel, type ChannelDeps, joinChannel, type Wire } from './channel.ts';
import { decodeFrame, encodeBytes, encodeFrame, type Frame, type Version } from './frame.ts';
import type { Visitor } from './sign-in.ts';

/** Clients send a heartbeat every 25 s; a client that is silent for this long is gone. */
const SILENT_MS = 75_000;

/** Handles Phoenix's protocol on one WebSocket until it closes. */
export function serveConnection(
  socket: WebSocket,
  version: Version,
  visitor: Visitor,
  deps: ChannelDeps & { say: (line: string) => void },
): void {
  const channels = new Map<string, Channel>();
  /** Frames of one topic are handled in order; topics do not wait for each other. */
  const turns = new Map<string, Promise<void>>();
  let isOpen = true;
  const silence = setTimeout(() => socket.terminate(), SILENT_MS);

  const wire: Wire = {
    visitor,
    send: (frame) => {
      if (isOpen) socket.send(encodeFrame(frame, version));
    },
    sendBytes: (topic, broadcast) => {
      if (isOpen && version === '2.0.0') socket.send(encodeBytes(topic, broadcast));
    },
  };

  socket.on('message', (data: RawData, isBinary) => {
    silence.refresh();
    const frame = decodeFrame(data as Buffer, isBinary, version);
    if (!frame) return;
    if (frame.topic === 'phoenix') return reply(frame, 'ok', {});
    const turn = (turns.get(frame.topic) ?? Promise.resolve())
      .then(() => take(frame))
      .catch((error) => deps.say(`Realtime failed at ${frame.event} on ${frame.topic}: ${error}`))
      .then(() => {
        if (turns.get(frame.topic) === turn) turns.delete(frame.topic);
      });
    turns.set(frame.topic, turn);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    isOpen = false;
    clearTimeout(silence);
    for (const channel of [...channels.values()]) channel.end();
  });

  async function take(frame: Frame): Promise<void> {
    if (!isOpen) return;
    const channel = channels.get(frame.topic);
    if (frame.event === 'phx_join') return await join(frame, channel);
    if (!channel) return reply(frame, 'error', { reason: 'unmatched topic' });
    if (frame.joinRef === null || frame.joinRef === channel.joinRef) await channel.receive(frame);
  }

  async function join(frame: Frame, before: Channel | undefined): Promise<void> {
    const { topic } = frame;
    if (!topic.startsWith('realtime:')) return reply(frame, 'error', { reason: 'unmatched topic' });
    before?.end();
    let isOver = false;
    const channel = await joinChannel(frame, wire, deps, () => {
      isOver = true;
      channels.delete(topic);
    });
    if (!channel || isOver) return;
    if (isOpen) channels.set(topic, channel);
    else channel.end();
  }

  function reply({ joinRef, ref, topic }: Frame, status: 'ok' | 'error', response: unknown): void {
    wire.send({ joinRef, ref, topic, event: 'phx_reply', payload: { status, response } });
  }
}
