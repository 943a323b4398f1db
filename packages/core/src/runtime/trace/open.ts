import type { Log } from '../log/log.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface TracingSettings {
  /** The URL of an OTLP/HTTP collector, without `/v1/traces`. Without it nothing is recorded. */
  endpoint?: string;
  /** Sent with every batch, such as an API key of the collector. */
  headers?: Readonly<Record<string, string>>;
  /** The share of traces started here that is recorded, 0 to 1. */
  share: number;
}

/** Opens tracing if a collector is configured; otherwise OpenTelemetry is not even loaded. */
export async function openTracing(
  settings: TracingSettings,
  options: { service: string; version: string; log: Log },
): Promise<Tracing> {
  const { endpoint } = settings;
  if (endpoint === undefined) return noTracing;
  const { openOtel } = await import('./otel.ts');
  return openOtel({ ...settings, endpoint }, options);
}
