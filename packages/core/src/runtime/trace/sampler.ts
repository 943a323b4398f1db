import { type Context, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/**
 * Follows the sampling decision of the parent. Only requests and deliveries start a trace, the given share of them is
 * recorded; background work such as polls and sweeps starts none.
 */
export function createSampler({ share }: { share: number }): Sampler {
  const ratio = new TraceIdRatioBasedSampler(share);
  return {
    shouldSample(parent: Context, traceId: string, _name: string, kind: SpanKind): SamplingResult {
      const parentSpan = trace.getSpanContext(parent);
      if (parentSpan && trace.isSpanContextValid(parentSpan)) return decide(isSampled(parentSpan.traceFlags));
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
