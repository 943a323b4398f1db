import { openSystem } from '../e2e/system.ts';

/** The whole system with its page. It does not wait for slow pictures when it is stopped. */
export function openPage() {
  return openSystem({ webPort: 0, overrides: { SHUTDOWN_GRACE: '2s' } });
}
