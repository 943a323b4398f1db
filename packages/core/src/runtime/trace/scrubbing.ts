import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { maskCredentials, scrub } from '../log/scrub.ts';

/** Lets nothing leave that the log would not write either: the same names and patterns are taken out. */
export function scrubbing(exporter: SpanExporter): SpanExporter {
  return {
    export(spans, done) {
      for (const span of spans) clean(span);
      exporter.export(spans, done);
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** In place: a span has ended when it comes here, and nobody else reads it. */
function clean({ attributes, events, status }: ReadableSpan): void {
  Object.assign(attributes, scrub(attributes));
  for (const event of events) {
    if (event.attributes) Object.assign(event.attributes, scrub(event.attributes));
  }
  if (status.message) status.message = maskCredentials(status.message);
}
