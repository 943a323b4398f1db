/** A body of server-sent events that a client reads at its own pace. */
export interface EventStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Sends what is written under this name, after all that is waiting. While the client is slow, only the latest of a
   * name is kept: what waits is bounded by how many names there are.
   */
  send(name: string, chunk: Uint8Array<ArrayBuffer>): void;
  /** Sends what is waiting, then ends. Idempotent. */
  end(): void;
}

/** How often a stream says that it lives; many proxies cut what is silent for 30 to 60 s. */
const keepAliveMs = 15_000;

/**
 * Opens a stream. `onClose` is called once, whichever way it ends: by `end`, or because the client went away, which
 * the server tells by canceling the body; it does so too when the client was gone before the answer began. Listening to
 * that is part of making the stream, so it cannot come too late. Nothing stays behind then.
 */
export function openEventStream({ onClose }: { onClose: () => void }): EventStream {
  const waiting = new Map<string, Uint8Array<ArrayBuffer>>();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let wanted = false;
  let ending = false;
  let closed = false;

  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (own) => {
        controller = own;
      },
      pull: () => {
        wanted = true;
        flush();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  const keepAlive = setInterval(() => {
    if (wanted) give([comment]);
  }, keepAliveMs);

  return {
    body,
    send(name, chunk) {
      if (closed || ending) return;
      waiting.delete(name);
      waiting.set(name, chunk);
      flush();
    },
    end() {
      ending = true;
      flush();
    },
  };

  function flush(): void {
    if (closed) return;
    if (wanted && waiting.size > 0) {
      const chunks = [...waiting.values()];
      waiting.clear();
      give(chunks);
    }
    if (ending && waiting.size === 0) {
      controller.close();
      close();
    }
  }

  function give(chunks: Uint8Array<ArrayBuffer>[]): void {
    wanted = false;
    for (const chunk of chunks) controller.enqueue(chunk);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    clearInterval(keepAlive);
    waiting.clear();
    onClose();
  }
}

const comment = new TextEncoder().encode(': keep-alive\n\n');
