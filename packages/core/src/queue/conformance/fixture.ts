import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Log } from '../../runtime/log/log.ts';
import { createRecordedLog } from '../../runtime/log/recorded.ts';
import { dropNamespace } from '../namespace.ts';
import { openConsumer, openQueue } from '../open.ts';
import type { Consumer, Delivery, Handler, Queue, ScheduledDelivery } from '../queue.ts';

export interface QueueBackendUnderTest {
  name: string;
  /** The server's URL, without a namespace. */
  url: string;
  /** Takes the lock of a running delivery away from its worker, as a stall would. */
  breakLock(url: string, id: string): Promise<void>;
}

interface ConsumerSettings {
  url?: string;
  concurrency?: number;
  lockDurationMs?: number;
}

/** A test's handler: its result matters only when it asks for a delay. */
type TestHandler = (...args: Parameters<Handler>) => Promise<unknown>;

/** A queue in a namespace of its own, dropped after the test. */
export interface QueueFixture {
  readonly url: string;
  readonly log: Log;
  readonly queue: Queue;
  openQueue(url?: string): Queue;
  openConsumer(handler: TestHandler, settings?: ConsumerSettings): Consumer;
  /** Opens a consumer and starts it. */
  consume(handler: TestHandler, settings?: ConsumerSettings): Consumer;
  /** Consumes, and returns the list of deliveries received. */
  collect(settings?: ConsumerSettings): Delivery[];
  breakLock(id: string): Promise<void>;
  /** Runs after the test; the last added runs first. */
  afterwards(work: () => Promise<unknown>): void;
}

/** Gives each test of the surrounding `describe` a fresh {@link QueueFixture}. */
export function useQueueFixture({ url: serverUrl, breakLock }: QueueBackendUnderTest): QueueFixture {
  let url = '';
  let queue: Queue;
  let log: Log;
  let works: (() => Promise<unknown>)[] = [];

  const fixture: QueueFixture = {
    get url() {
      return url;
    },
    get log() {
      return log;
    },
    get queue() {
      return queue;
    },
    openQueue(at = url) {
      const opened = openQueue({ url: at, log });
      fixture.afterwards(() => opened.close());
      return patient(opened);
    },
    openConsumer(handler, { url: at = url, ...settings } = {}) {
      const options = { name: 'tester', concurrency: 1, log, ...settings };
      const consumer = openConsumer({ url: at, handler: handler as Handler, ...options });
      fixture.afterwards(() => consumer.close({ graceMs: 0 }));
      return consumer;
    },
    consume(handler, settings) {
      const consumer = fixture.openConsumer(handler, settings);
      consumer.start();
      return consumer;
    },
    collect(settings) {
      const seen: Delivery[] = [];
      fixture.consume(async (delivery) => void seen.push(delivery), settings);
      return seen;
    },
    breakLock: (id) => breakLock(url, id),
    afterwards(work) {
      works.unshift(work);
    },
  };

  beforeEach(() => {
    const own = new URL(serverUrl);
    own.searchParams.set('namespace', `t${process.pid}_${Math.random().toString(36).slice(2, 10)}`);
    url = own.href;
    log = createRecordedLog();
    works = [];
    fixture.afterwards(() => dropNamespace({ url }));
    queue = fixture.openQueue();
  });

  afterEach(async () => {
    for (const work of works) await work();
  });

  return fixture;
}

/** Tests that measure how fast a call fails set a timeout; all others allow for a busy machine. */
function patient(queue: Queue): Queue {
  const usual = { timeoutMs: 10_000 };
  return {
    backend: queue.backend,
    enqueue: (deliveries, options = usual) => queue.enqueue(deliveries, options),
    findMissing: (deliveries, options = usual) => queue.findMissing(deliveries, options),
    epoch: (options = usual) => queue.epoch(options),
    counts: () => vi.waitFor(() => queue.counts(), { timeout: 10_000 }),
    isPaused: () => vi.waitFor(() => queue.isPaused(), { timeout: 10_000 }),
    close: () => queue.close(),
  };
}

/** A delivery as handlers receive it. */
export function plain(jobId: string, delivery = 1): Delivery {
  return { jobId, delivery };
}

/** A delivery to enqueue. */
export function newDelivery(
  jobId: string,
  schedule: Partial<ScheduledDelivery> = {},
  delivery = 1,
): ScheduledDelivery {
  return { jobId, delivery, priority: 10, delayMs: 0, ...schedule };
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: timeoutMs, interval: 20 });
}

/** Whether a call succeeds. */
export async function works(call: () => Promise<unknown>): Promise<boolean> {
  return call().then(
    () => true,
    () => false,
  );
}

/** How long work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A promise that the test resolves with `open`. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
