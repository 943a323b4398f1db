import { isSpanContextValid, type SpanContext, type TextMapPropagator, trace } from '@opentelemetry/api';

const shape = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** Reads and writes the `traceparent` header of W3C Trace Context. An invalid one is ignored. */
export const traceContext: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject(context, carrier, setter) {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    const flags = span.traceFlags.toString(16).padStart(2, '0');
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-${flags}`);
  },
  extract(context, carrier, getter) {
    const [, traceId = '', spanId = '', flags = '00'] =
      shape.exec(String(getter.get(carrier, 'traceparent'))) ?? [];
    const span: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
    return isSpanContextValid(span) ? trace.setSpanContext(context, span) : context;
  },
};
