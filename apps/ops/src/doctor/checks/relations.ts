import { formatDuration } from '@darkroom/core/runtime/config/duration';
import { type Check, type Finding, warning } from '../check.ts';
import type { Parts } from '../parts.ts';

/** How long the database gives a worker between two signs of life, in milliseconds. */
const leaseMs = 30_000;

/** Times and limits that are each allowed and do not go well together. */
export function relations({ environment: { values } }: Parts): Check {
  return {
    name: 'limits',
    async run() {
      const { JOB_DEADLINE, MODEL_TIMEOUT, SHUTDOWN_GRACE, MAX_MODEL_CALLS, GEMINI_MODELS } = values;
      const findings: Finding[] = [];
      if (JOB_DEADLINE !== undefined && JOB_DEADLINE <= 2 * leaseMs) {
        findings.push(
          warning(
            'JOB_DEADLINE',
            `(${formatDuration(JOB_DEADLINE)}) leaves no time for a second worker when the first one dies: its lease lasts ${formatDuration(leaseMs)}`,
            'Raise it, such as JOB_DEADLINE=10m',
          ),
        );
      }
      if (SHUTDOWN_GRACE !== undefined && SHUTDOWN_GRACE < 5_000) {
        findings.push(
          warning(
            'SHUTDOWN_GRACE',
            `(${formatDuration(SHUTDOWN_GRACE)}) cuts off nearly every running model call at a deploy; it is paid for and made again`,
            'Raise it, such as SHUTDOWN_GRACE=30s, and the orchestrator’s own limit above it',
          ),
        );
      }
      if (GEMINI_MODELS && MAX_MODEL_CALLS !== undefined && MAX_MODEL_CALLS < GEMINI_MODELS.length) {
        findings.push(
          warning(
            'MAX_MODEL_CALLS',
            `(${MAX_MODEL_CALLS}) is spent before the last of the ${GEMINI_MODELS.length} models of GEMINI_MODELS is asked`,
            `Raise it, such as MAX_MODEL_CALLS=${GEMINI_MODELS.length * 2}, or name fewer models`,
          ),
        );
      }
      if (MODEL_TIMEOUT !== undefined && MODEL_TIMEOUT < 20_000) {
        findings.push(
          warning(
            'MODEL_TIMEOUT',
            `(${formatDuration(MODEL_TIMEOUT)}) is shorter than large images take, and a call that is cut off may be billed`,
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
