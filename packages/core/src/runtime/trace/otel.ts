import {
  type Context,
  context,
  DiagLogLevel,
  diag,
  type Link,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Log } from '../log/log.ts';
import { settledWithin } from '../time/with-timeout.ts';
import { createSampler } from './sampler.ts';
import { scrubbing } from './scrubbing.ts';
import { traceContext } from './trace-context.ts';
import type { Span, Tracing } from './tracing.ts';

/** How long sending the last spans may take, in milliseconds. */
const closeTimeoutMs = 2_000;
/** How often an outage of the collector is logged, in milliseconds. */
const logEveryMs = 60_000;

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/**
 * Records traces with OpenTelemetry and sends them as OTLP/HTTP JSON. It registers itself as the global OpenTelemetry API,
 * which BullMQ's spans use; closing unregisters it.
 */
export function openOtel(
  settings: { endpoint: string; headers?: Readonly<Record<string, string>>; share: number },
  { service, version, log }: { service: string; version: string; log: Log },
): Tracing {
  diag.setLogger(errorsTo(log), { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({
    url: `${settings.endpoint}/v1/traces`,
    headers: { ...settings.headers },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `darkroom-${service}`, 'service.version': version }),
    sampler: createSampler({ share: settings.share }),
    spanProcessors: [new BatchSpanProcessor({ exporter: scrubbing(exporter), scheduledDelayMillis: 1_000 })],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(traceContext);
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer('darkroom', version);
  let closed: Promise<void> | undefined;

  return {
    enabled: true,
    span(name, { kind = 'internal', attributes, parent, link = null }, work) {
      const parentContext = parent === undefined ? context.active() : contextOf(parent);
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes, links: linksTo(link) },
        parentContext,
      );
      return context.with(trace.setSpan(parentContext, span), () => endWith(span, () => work(wrap(span))));
    },
    current() {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent ?? null;
    },
    annotate: (attributes) => void trace.getActiveSpan()?.setAttributes(attributes),
    close() {
      closed ??= close();
      return closed;
    },
  };

  async function close(): Promise<void> {
    await settledWithin(closeTimeoutMs, provider.shutdown());
    trace.disable();
    context.disable();
    propagation.disable();
    diag.disable();
  }
}

function contextOf(traceparent: string | null): Context {
  return traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function linksTo(traceparent: string | null): Link[] {
  const linked = trace.getSpanContext(contextOf(traceparent));
  return linked ? [{ context: linked }] : [];
}

function endWith<T>(span: OtelSpan, work: () => T): T {
  try {
    const result = work();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.then(
      (value) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        fail(span, error);
        throw error;
      },
    ) as T;
  } catch (error) {
    fail(span, error);
    throw error;
  }
}

function fail(span: OtelSpan, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
  span.end();
}

function wrap(span: OtelSpan): Span {
  return {
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (reason) => void span.setStatus({ code: SpanStatusCode.ERROR, message: reason }),
  };
}

function errorsTo(log: Log) {
  let quietUntil = 0;
  const error = (cause: string) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + logEveryMs;
    log.fact('traces_lost', { cause });
  };
  const quiet = () => undefined;
  return { error, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
}
