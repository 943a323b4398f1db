import { type Context, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/**
 * Goes on with a trace as whoever began it decided. A trace of its own begins only with a request or a delivery, and of
 * those with the given share: what runs all the time (polls of the queue, sweeps) is no trace.
 */
export function createSampler({ share }: { share: number }): Sampler {
  const ratio = new TraceIdRatioBasedSampler(share);
  return {
    shouldSample(parent: Context, traceId: string, _name: string, kind: SpanKind): SamplingResult {
      const begun = trace.getSpanContext(parent);
      if (begun && trace.isSpanContextValid(begun)) return decide(isSampled(begun.traceFlags));
      if (kind !== SpanKind.SERVER && kind !== SpanKind.CONSUMER) return decide(false);
      return ratio.shouldSample(parent, traceId);
    },
    toString: () => `Darkroom{${share}}`,
  };
}

function isSampled(flags: number): boolean {
  return (flags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
}

function decide(recorded: boolean): SamplingResult {
  return { decision: recorded ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
}
