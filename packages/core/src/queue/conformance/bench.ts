import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Log } from '../../runtime/log/log.ts';
import { createRecordedLog } from '../../runtime/log/recorded.ts';
import { dropNamespace } from '../namespace.ts';
import { openConsumer, openQueue } from '../open.ts';
import type { Consumer, Delivery, Handler, Order, Queue } from '../queue.ts';

export interface QueueBackendUnderTest {
  name: string;
  /** The server's URL, without a namespace. */
  url: string;
  /** Takes a running delivery away from its worker, as a stall would. */
  breakLock(url: string, id: string): Promise<void>;
}

interface ConsumerSettings {
  url?: string;
  concurrency?: number;
  lockDurationMs?: number;
}

/** A test's handler: what it returns counts only when it asks for a delay. */
type TestHandler = (...args: Parameters<Handler>) => Promise<unknown>;

/** What one test works with: a queue in a namespace of its own, gone afterwards. */
export interface Bench {
  readonly url: string;
  readonly log: Log;
  readonly queue: Queue;
  openQueue(url?: string): Queue;
  openConsumer(handler: TestHandler, settings?: ConsumerSettings): Consumer;
  /** A consumer that has started. */
  consume(handler: TestHandler, settings?: ConsumerSettings): Consumer;
  /** Consumes, and keeps what was delivered. */
  collect(settings?: ConsumerSettings): Delivery[];
  breakLock(id: string): Promise<void>;
  /** Runs when the test is over; the last added runs first. */
  afterwards(work: () => Promise<unknown>): void;
}

/** Gives each test of the surrounding `describe` a fresh {@link Bench}. */
export function useBench({ url: serverUrl, breakLock }: QueueBackendUnderTest): Bench {
  let url = '';
  let queue: Queue;
  let log: Log;
  let works: (() => Promise<unknown>)[] = [];

  const bench: Bench = {
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
      bench.afterwards(() => opened.close());
      return patient(opened);
    },
    openConsumer(handler, { url: at = url, ...settings } = {}) {
      const options = { name: 'tester', concurrency: 1, log, ...settings };
      const consumer = openConsumer({ url: at, handler: handler as Handler, ...options });
      bench.afterwards(() => consumer.close({ graceMs: 0 }));
      return consumer;
    },
    consume(handler, settings) {
      const consumer = bench.openConsumer(handler, settings);
      consumer.start();
      return consumer;
    },
    collect(settings) {
      const seen: Delivery[] = [];
      bench.consume(async (delivery) => void seen.push(delivery), settings);
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
    bench.afterwards(() => dropNamespace({ url }));
    queue = bench.openQueue();
  });

  afterEach(async () => {
    for (const work of works) await work();
  });

  return bench;
}

/** How fast a call fails is tested by those that say so; everywhere else a busy machine is no failure. */
function patient(queue: Queue): Queue {
  const usual = { timeoutMs: 10_000 };
  return {
    backend: queue.backend,
    deliver: (deliveries, options = usual) => queue.deliver(deliveries, options),
    gone: (deliveries, options = usual) => queue.gone(deliveries, options),
    epoch: (options = usual) => queue.epoch(options),
    counts: () => vi.waitFor(() => queue.counts(), { timeout: 10_000 }),
    isPaused: () => vi.waitFor(() => queue.isPaused(), { timeout: 10_000 }),
    close: () => queue.close(),
  };
}

/** A delivery as the queue names it. */
export function plain(jobId: string, delivery = 1): Delivery {
  return { jobId, delivery };
}

/** A delivery to be made, at once and of middling priority unless told otherwise. */
export function ring(jobId: string, order: Partial<Order> = {}, delivery = 1): Delivery & Order {
  return { jobId, delivery, priority: 10, delayMs: 0, ...order };
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

/** How long it takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A promise that is opened by hand. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
