import type { Telemetry } from 'bullmq';

/** What lets BullMQ take part in traces; undefined where none are recorded. Opened after the tracing itself. */
export async function openQueueTelemetry({ enabled }: { enabled: boolean }): Promise<Telemetry | undefined> {
  if (!enabled) return undefined;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: 'bullmq' });
}
