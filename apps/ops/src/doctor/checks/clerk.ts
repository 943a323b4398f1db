import { createPublicKey } from 'node:crypto';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Parts } from '../parts.ts';

const clerkApi = 'https://api.clerk.com';

/** Clerk's keys: the secret one opens, and all are of one instance. */
export function clerk({ environment, fetch, timeoutMs }: Parts): Check {
  return {
    name: 'clerk',
    async run() {
      const { values, nameOf } = environment;
      const { CLERK_SECRET_KEY: secretKey, CLERK_PUBLISHABLE_KEY, CLERK_JWT_KEY: pem } = values;
      const apiUrl = values.CLERK_API_URL ?? clerkApi;
      if (!secretKey) return skipped('CLERK_SECRET_KEY is missing');
      const findings: Finding[] = [];
      const ours = pem === undefined ? null : modulusOfPem(pem);
      if (ours === undefined) {
        findings.push(
          error(
            'CLERK_JWT_KEY',
            'is no public key, so every token is refused',
            'Copy the PEM public key with its first and last line (Clerk, API keys, JWKS Public Key), or leave it out',
          ),
        );
      }
      const domain = domainOf(CLERK_PUBLISHABLE_KEY);
      if (domain === undefined) {
        findings.push(
          error(
            nameOf('CLERK_PUBLISHABLE_KEY'),
            'holds no domain of an instance',
            'Copy it anew, pk_live_… or pk_test_… (Clerk, API keys)',
          ),
        );
      }
      const keys = await readKeys(`${apiUrl}/v1/jwks`, { authorization: `Bearer ${secretKey}` });
      if (typeof keys === 'string') {
        const remedy = keys.startsWith('HTTP 4')
          ? 'Copy the secret key anew, sk_live_… or sk_test_… (Clerk, API keys)'
          : 'Check CLERK_API_URL and the way out of this network';
        const where = keys.startsWith('HTTP 4') ? 'CLERK_SECRET_KEY' : 'CLERK_API_URL';
        findings.push(error(where, `is not let in at ${apiUrl} (${keys})`, remedy));
        return { findings };
      }
      if (ours && !keys.some(({ n }) => n === ours)) {
        findings.push(
          error(
            'CLERK_JWT_KEY',
            'is the key of another instance than CLERK_SECRET_KEY’s, so every token is refused',
            'Copy the PEM public key of the same instance (Clerk, API keys, JWKS Public Key)',
          ),
        );
      }
      // A stand-in has no public address of its own.
      if (domain && apiUrl === clerkApi) findings.push(...(await compareInstances(domain, keys)));
      return {
        findings,
        seen: [domain, ours ? 'tokens checked offline' : 'keys fetched'].filter(Boolean).join(', '),
      };
    },
  };

  async function compareInstances(domain: string, keys: readonly Key[]): Promise<Finding[]> {
    const shown = await readKeys(`https://${domain}/.well-known/jwks.json`, {});
    if (typeof shown === 'string') {
      const remedy = 'Check the DNS records that Clerk asks for (Clerk, Domains)';
      return [
        warning('CLERK_PUBLISHABLE_KEY', `names ${domain}, which does not show its keys (${shown})`, remedy),
      ];
    }
    if (shown.some(({ kid }) => keys.some((key) => key.kid === kid))) return [];
    return [
      error(
        'CLERK_PUBLISHABLE_KEY',
        `is of another instance (${domain}) than CLERK_SECRET_KEY`,
        'Take both keys from the same page (Clerk, API keys)',
      ),
    ];
  }

  /** The keys, or why there are none. */
  async function readKeys(url: string, headers: Record<string, string>): Promise<Key[] | string> {
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) return `HTTP ${response.status}`;
      return ((await response.json()) as { keys?: Key[] }).keys ?? [];
    } catch (problem) {
      const { message, cause } = problem as Error;
      return cause instanceof Error ? cause.message : message;
    }
  }
}

interface Key {
  kid?: string;
  n?: string;
}

/** Undefined for what is no key. */
function modulusOfPem(pem: string): string | undefined {
  try {
    return createPublicKey(pem).export({ format: 'jwk' }).n;
  } catch {
    return undefined;
  }
}

/** Null where there is no key; undefined for one that holds no domain. */
function domainOf(publishableKey: string | undefined): string | null | undefined {
  if (publishableKey === undefined) return null;
  const decoded = Buffer.from(publishableKey.split('_')[2] ?? '', 'base64').toString();
  return /^([\w-]+(?:\.[\w-]+)+)\$$/.exec(decoded)?.[1];
}
