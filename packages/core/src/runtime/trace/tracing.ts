export interface SpanOptions {
  /** `server` and `consumer` may begin a trace; the others are only recorded as part of one. */
  kind?: 'internal' | 'server' | 'client' | 'consumer';
  attributes?: SpanAttributes;
  /** A W3C `traceparent` to go on from; anything else is left aside. What runs at the moment where it is left out. */
  parent?: string | null;
  /** A `traceparent` that this has to do with, without being part of its trace. */
  link?: string | null;
}

export type SpanAttributes = Record<string, string | number | boolean>;

export interface Span {
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Marks what happened as an error. */
  fail(reason: string): void;
}

/** Records what happens as spans of a trace. Whatever becomes of a trace, the work goes on as if there was none. */
export interface Tracing {
  readonly enabled: boolean;
  /** Runs `work` as a span; what it throws marks the span as failed and is thrown on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
  /** The `traceparent` of what runs at the moment, or null. */
  current(): string | null;
  /** Names what the span at hand is about. */
  note(attributes: SpanAttributes): void;
  /** Sends what is left; idempotent, and never takes longer than two seconds. */
  close(): Promise<void>;
}

const noSpan: Span = { rename: () => undefined, set: () => undefined, fail: () => undefined };

/** Records nothing and costs nothing. */
export const noTracing: Tracing = {
  enabled: false,
  span: (_name, _options, work) => work(noSpan),
  current: () => null,
  note: () => undefined,
  close: async () => undefined,
};
