import { createPublicKey } from 'node:crypto';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

const clerkApi = 'https://api.clerk.com';

/** Clerk's secret key is valid, and all keys belong to one instance. */
export function clerk({ environment, fetch, timeoutMs }: Probes): Check {
  return {
    name: 'clerk',
    async run() {
      const { values, nameOf } = environment;
      const { CLERK_SECRET_KEY: secretKey, CLERK_PUBLISHABLE_KEY, CLERK_JWT_KEY: pem } = values;
      const apiUrl = values.CLERK_API_URL ?? clerkApi;
      if (!secretKey) return skipped('CLERK_SECRET_KEY is missing');
      const findings: Finding[] = [];
      const modulus = pem === undefined ? null : modulusOfPem(pem);
      if (modulus === undefined) {
        findings.push(
          error(
            'CLERK_JWT_KEY',
            'is not a public key, so every token is refused',
            'Copy the PEM public key with its first and last line (Clerk, API keys, JWKS Public Key), or remove the variable',
          ),
        );
      }
      const domain = domainOf(CLERK_PUBLISHABLE_KEY);
      if (domain === undefined) {
        findings.push(
          error(
            nameOf('CLERK_PUBLISHABLE_KEY'),
            'does not contain the domain of an instance',
            'Copy it again, pk_live_… or pk_test_… (Clerk, API keys)',
          ),
        );
      }
      const keys = await readKeys(`${apiUrl}/v1/jwks`, { authorization: `Bearer ${secretKey}` });
      if (typeof keys === 'string') {
        const remedy = keys.startsWith('HTTP 4')
          ? 'Copy the secret key again, sk_live_… or sk_test_… (Clerk, API keys)'
          : 'Check CLERK_API_URL and outbound network access';
        const where = keys.startsWith('HTTP 4') ? 'CLERK_SECRET_KEY' : 'CLERK_API_URL';
        findings.push(error(where, `is not accepted at ${apiUrl} (${keys})`, remedy));
        return { findings };
      }
      if (modulus && !keys.some(({ n }) => n === modulus)) {
        findings.push(
          error(
            'CLERK_JWT_KEY',
            'belongs to another instance than CLERK_SECRET_KEY, so every token is refused',
            'Copy the PEM public key of the same instance (Clerk, API keys, JWKS Public Key)',
          ),
        );
      }
      // Only Clerk itself serves keys at the domain of the instance; local replacements do not.
      if (domain && apiUrl === clerkApi) findings.push(...(await compareInstances(domain, keys)));
      return {
        findings,
        seen: [domain, modulus ? 'tokens checked offline' : 'keys fetched'].filter(Boolean).join(', '),
      };
    },
  };

  async function compareInstances(domain: string, keys: readonly Key[]): Promise<Finding[]> {
    const served = await readKeys(`https://${domain}/.well-known/jwks.json`, {});
    if (typeof served === 'string') {
      const remedy = 'Check the DNS records that Clerk asks for (Clerk, Domains)';
      return [
        warning(
          'CLERK_PUBLISHABLE_KEY',
          `names ${domain}, which does not serve its keys (${served})`,
          remedy,
        ),
      ];
    }
    if (served.some(({ kid }) => keys.some((key) => key.kid === kid))) return [];
    return [
      error(
        'CLERK_PUBLISHABLE_KEY',
        `belongs to another instance (${domain}) than CLERK_SECRET_KEY`,
        'Copy both keys from the same page (Clerk, API keys)',
      ),
    ];
  }

  /** The keys, or the reason why they could not be read. */
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

/** Undefined for text that is not a public key. */
function modulusOfPem(pem: string): string | undefined {
  try {
    return createPublicKey(pem).export({ format: 'jwk' }).n;
  } catch {
    return undefined;
  }
}

/** Null without a key; undefined for a key without a domain. */
function domainOf(publishableKey: string | undefined): string | null | undefined {
  if (publishableKey === undefined) return null;
  const decoded = Buffer.from(publishableKey.split('_')[2] ?? '', 'base64').toString();
  return /^([\w-]+(?:\.[\w-]+)+)\$$/.exec(decoded)?.[1];
}
