import type { Log } from '../log/log.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface TracingSettings {
  /** Of an OTLP/HTTP collector, without `/v1/traces`. Unset: nothing is recorded. */
  endpoint?: string;
  /** Sent along with every batch, such as a key of the collector. */
  headers?: Readonly<Record<string, string>>;
  /** Of the traces that begin here, the share that is recorded, 0 to 1. */
  share: number;
}

/** Opens the recording of traces where a collector is named; else not even its code is loaded. */
export async function openTracing(
  settings: TracingSettings,
  options: { service: string; version: string; log: Log },
): Promise<Tracing> {
  const { endpoint } = settings;
  if (endpoint === undefined) return noTracing;
  const { openOtel } = await import('./otel.ts');
  return openOtel({ ...settings, endpoint }, options);
}
