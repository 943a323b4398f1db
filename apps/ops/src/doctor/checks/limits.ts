import { formatDuration } from '@darkroom/core/runtime/config/duration';
import { type Check, type Finding, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The duration of a lease, which the database sets. */
const leaseMs = 30_000;

/** Times and limits that are valid but do not fit together. */
export function limits({ environment: { values } }: Probes): Check {
  return {
    name: 'limits',
    async run() {
      const { JOB_DEADLINE, MODEL_TIMEOUT, SHUTDOWN_GRACE, MAX_MODEL_CALLS, GEMINI_MODELS } = values;
      const findings: Finding[] = [];
      if (JOB_DEADLINE !== undefined && JOB_DEADLINE <= 2 * leaseMs) {
        findings.push(
          warning(
            'JOB_DEADLINE',
            `(${formatDuration(JOB_DEADLINE)}) leaves no time for a second worker if the first dies: a lease lasts ${formatDuration(leaseMs)}`,
            'Raise it, such as JOB_DEADLINE=10m',
          ),
        );
      }
      if (SHUTDOWN_GRACE !== undefined && SHUTDOWN_GRACE < 5_000) {
        findings.push(
          warning(
            'SHUTDOWN_GRACE',
            `(${formatDuration(SHUTDOWN_GRACE)}) aborts nearly every running model call at a deployment; it is paid for and repeated`,
            'Raise it, such as SHUTDOWN_GRACE=30s, and keep the orchestrator’s own limit above it',
          ),
        );
      }
      if (GEMINI_MODELS && MAX_MODEL_CALLS !== undefined && MAX_MODEL_CALLS < GEMINI_MODELS.length) {
        findings.push(
          warning(
            'MAX_MODEL_CALLS',
            `(${MAX_MODEL_CALLS}) is used up before the last of the ${GEMINI_MODELS.length} models of GEMINI_MODELS is called`,
            `Raise it, such as MAX_MODEL_CALLS=${GEMINI_MODELS.length * 2}, or list fewer models`,
          ),
        );
      }
      if (MODEL_TIMEOUT !== undefined && MODEL_TIMEOUT < 20_000) {
        findings.push(
          warning(
            'MODEL_TIMEOUT',
            `(${formatDuration(MODEL_TIMEOUT)}) is shorter than large images take, and an aborted call may be billed`,
            'Raise it, such as MODEL_TIMEOUT=120s',
          ),
        );
      }
      const seen = [
        ['deadline', JOB_DEADLINE],
        ['model', MODEL_TIMEOUT],
        ['grace', SHUTDOWN_GRACE],
      ] as const;
      return {
        findings,
        seen: seen.map(([name, ms]) => `${name} ${ms === undefined ? '-' : formatDuration(ms)}`).join(', '),
      };
    },
  };
}
