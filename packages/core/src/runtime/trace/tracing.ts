export interface SpanOptions {
  /** `server` and `consumer` may start a trace; the others are recorded only within one. */
  kind?: 'internal' | 'server' | 'client' | 'consumer';
  attributes?: SpanAttributes;
  /** The parent span as a W3C `traceparent`; null or an invalid one starts a new trace. Default: the current span. */
  parent?: string | null;
  /** A related span, as a `traceparent`, whose trace this span does not belong to. */
  link?: string | null;
}

export type SpanAttributes = Record<string, string | number | boolean>;

export interface Span {
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Marks the span as failed. */
  fail(reason: string): void;
}

/** Records work as spans of a trace. Failures of tracing never affect the work. */
export interface Tracing {
  readonly enabled: boolean;
  /** Runs `work` in a span. An error that it throws marks the span as failed and is rethrown. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
  /** The `traceparent` of the current span, or null. */
  current(): string | null;
  /** Sets attributes of the current span. */
  annotate(attributes: SpanAttributes): void;
  /** Sends the remaining spans. Idempotent; takes at most two seconds. */
  close(): Promise<void>;
}

const noSpan: Span = { rename: () => undefined, set: () => undefined, fail: () => undefined };

/** Records nothing. */
export const noTracing: Tracing = {
  enabled: false,
  span: (_name, _options, work) => work(noSpan),
  current: () => null,
  annotate: () => undefined,
  close: async () => undefined,
};
