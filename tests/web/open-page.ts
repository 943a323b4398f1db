import { openDeployment } from '../support/deployment.ts';

/** The whole system with its page. It does not wait for slow images when it is stopped. */
export function openPage() {
  return openDeployment({ webPort: 0, overrides: { SHUTDOWN_GRACE: '2s' } });
}
