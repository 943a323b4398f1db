import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { maskCredentials, scrub } from '../log/scrub.ts';

/** Removes from spans the same secret names and patterns as the log does. */
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

/** In place: spans have ended when they are exported, and nothing else reads them. */
function clean({ attributes, events, status }: ReadableSpan): void {
  Object.assign(attributes, scrub(attributes));
  for (const event of events) {
    if (event.attributes) Object.assign(event.attributes, scrub(event.attributes));
  }
  if (status.message) status.message = maskCredentials(status.message);
}
