import { formatDuration } from '@darkroom/core/runtime/config/duration';
import { type Check, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** Times and limits that are valid but do not fit together. */
export function limits({ environment: { values, warnings } }: Probes): Check {
  return {
    name: 'limits',
    async run() {
      const { JOB_DEADLINE, MODEL_TIMEOUT, SHUTDOWN_GRACE } = values;
      const findings = warnings.map(({ variable, wrong, remedy }) => warning(variable, wrong, remedy));
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
