/** A response body of server-sent events that the client reads at its own pace. */
export interface EventStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Sends the chunk after all pending ones. While the client is slow, only the latest chunk per key is kept, so pending
   * memory is bounded by the number of keys.
   */
  send(key: string, chunk: Uint8Array<ArrayBuffer>): void;
  /** Sends pending chunks, then ends. Idempotent. */
  end(): void;
}

/** Interval of keep-alive comments in milliseconds; many proxies close connections that are silent for 30 to 60 s. */
const keepAliveMs = 15_000;

/**
 * Opens a stream. `onClose` is called once: after `end`, or when the client disconnects. The server then cancels the body,
 * also if the client disconnected before the response began. No timer or chunk is left behind.
 */
export function openEventStream({ onClose }: { onClose: () => void }): EventStream {
  const pending = new Map<string, Uint8Array<ArrayBuffer>>();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let isReading = false;
  let ending = false;
  let closed = false;

  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (own) => {
        controller = own;
      },
      pull: () => {
        isReading = true;
        flush();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  const keepAliveTimer = setInterval(() => {
    if (isReading) write([keepAliveComment]);
  }, keepAliveMs);

  return {
    body,
    send(key, chunk) {
      if (closed || ending) return;
      pending.delete(key);
      pending.set(key, chunk);
      flush();
    },
    end() {
      ending = true;
      flush();
    },
  };

  function flush(): void {
    if (closed) return;
    if (isReading && pending.size > 0) {
      const chunks = [...pending.values()];
      pending.clear();
      write(chunks);
    }
    if (ending && pending.size === 0) {
      controller.close();
      close();
    }
  }

  function write(chunks: Uint8Array<ArrayBuffer>[]): void {
    isReading = false;
    for (const chunk of chunks) controller.enqueue(chunk);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    clearInterval(keepAliveTimer);
    pending.clear();
    onClose();
  }
}

const keepAliveComment = new TextEncoder().encode(': keep-alive\n\n');
