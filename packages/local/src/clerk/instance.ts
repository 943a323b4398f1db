import { createHmac } from 'node:crypto';
import type { ClerkKeys } from './keys.ts';

const DOMAIN = 'clerk.local.test';

/** The issuer of every local token: a constant, so that a token stays valid when a run uses other ports. */
export const ISSUER = `https://${DOMAIN}`;

/** Clerk's publishable key is the domain of the instance, encoded. */
export const PUBLISHABLE_KEY = `pk_test_${Buffer.from(`${DOMAIN}$`).toString('base64')}`;

/** The secret key of the local instance, derived from the private key: stable and not guessable. */
export function secretKeyOf(keys: ClerkKeys): string {
  const secret = keys.privateKey.export({ type: 'pkcs8', format: 'der' });
  return `sk_test_${createHmac('sha256', secret).update('clerk secret key').digest('hex').slice(0, 42)}`;
}

/** The signing secret for the webhooks of the local instance. */
export function webhookSecretOf(keys: ClerkKeys): string {
  const secret = keys.privateKey.export({ type: 'pkcs8', format: 'der' });
  return `whsec_${createHmac('sha256', secret).update('clerk webhook secret').digest('base64')}`;
}
