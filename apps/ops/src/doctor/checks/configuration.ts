import { variables } from '@darkroom/core/runtime/config/variables';
import { type Check, error, type Finding, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** Shorter tokens could be guessed. */
const minTokenLength = 24;

/** Every variable is set, valid and consistent with the others. */
export function configuration({ environment }: Probes): Check {
  return {
    name: 'configuration',
    async run() {
      const { problems, values, nameOf } = environment;
      const findings: Finding[] = problems.map(({ variable, wrong, remedy }) =>
        error(variable, wrong, remedy),
      );
      for (const name of ['DATABASE_URL', 'DIRECT_URL'] as const) {
        const url = values[name];
        const isUsed = name === 'DIRECT_URL' || values.DIRECT_URL === undefined;
        if (url && isUsed && new URL(url).port === '6543') {
          findings.push(
            error(
              nameOf(name),
              'uses port 6543, a transaction pooler, where migrations cannot hold their lock',
              'Set DIRECT_URL to the direct connection or the session pooler on port 5432',
            ),
          );
        }
      }
      const { WEBHOOK_ALLOW_PRIVATE: allowed, R2_PUBLIC_URL = '' } = values;
      if (allowed && R2_PUBLIC_URL.startsWith('https:')) {
        findings.push(
          warning(
            'WEBHOOK_ALLOW_PRIVATE',
            'lets every user send webhooks into your own network',
            'Set WEBHOOK_ALLOW_PRIVATE=false except on a developer’s machine',
          ),
        );
      }
      const { METRICS_TOKEN: metricsToken, OPERATOR_TOKEN: operatorToken, HOST: host = '' } = values;
      if (metricsToken === undefined && !/^(localhost|127\.[\d.]+|::1)$/.test(host)) {
        findings.push(
          warning(
            'METRICS_TOKEN',
            `is not set while the processes listen beyond this machine (HOST ${host}): anyone can read the metrics`,
            'Set METRICS_TOKEN to a long random text, such as from openssl rand -base64 32, and configure it in Prometheus',
          ),
        );
      }
      if (operatorToken !== undefined && operatorToken.length < minTokenLength) {
        findings.push(
          warning(
            'OPERATOR_TOKEN',
            `has only ${operatorToken.length} characters and could be guessed`,
            'Set it to a long random text, such as from openssl rand -base64 32',
          ),
        );
      }
      const set = Object.keys(variables).filter((name) => name in values).length;
      return { findings, seen: `${set} variables` };
    },
  };
}
