import type { Telemetry } from 'bullmq';

/** BullMQ's tracing; undefined where no traces are recorded. Must be opened after the tracing itself. */
export async function openQueueTelemetry({ enabled }: { enabled: boolean }): Promise<Telemetry | undefined> {
  if (!enabled) return undefined;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: 'bullmq' });
}
