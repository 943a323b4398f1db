import { createHash } from 'node:crypto';

/**
 * Stands for an API key where workers share what they know: quotas and refusals belong to the account behind a key, and
 * workers with other keys may use the same queue. It does not tell the key.
 */
export function accountOf(apiKey: string): string {
  return createHash('sha256').update(`darkroom account ${apiKey}`).digest('hex').slice(0, 12);
}
