import { createHash } from 'node:crypto';

/**
 * Identifies the account behind an API key without revealing the key. Workers share quotas and breakers by account, and
 * workers with other keys may use the same queue.
 */
export function accountIdOf(apiKey: string): string {
  return createHash('sha256').update(`darkroom account ${apiKey}`).digest('hex').slice(0, 12);
}
