import type { OperatorGauges } from '@darkroom/core/runtime/metrics/system';
import { type Call, oneAttempt } from '../transport/call.ts';

export interface GaugeOperations {
  /** The state of the deployment, measured at most every ten seconds however many ask. Not retried. */
  readGauges(): Promise<OperatorGauges>;
  /** Counts what breaks an invariant of credits, for the gauges. May take up to a minute. */
  runAudit(): Promise<number>;
}

/** The audit reads every movement ever booked, and nobody waits for it. */
const auditLimits = { timeoutMs: 60_000, retries: 0 };

export function gaugeOperations(call: Call): GaugeOperations {
  return {
    readGauges: () => call('operator_gauges', {}, oneAttempt),
    runAudit: () => call('operator_audit', {}, auditLimits),
  };
}
