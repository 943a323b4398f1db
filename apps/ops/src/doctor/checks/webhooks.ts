import { type Check, error, type Finding, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The secrets of webhooks, and the prices of Stripe. */
export function webhooks({ environment: { values } }: Probes): Check {
  return {
    name: 'webhooks',
    async run() {
      const { CLERK_WEBHOOK_SIGNING_SECRET: clerk, STRIPE_WEBHOOK_SECRET: stripe } = values;
      const { STRIPE_PRICE_CREDITS: prices = {}, WEBHOOK_SIGNING_SECRET: own } = values;
      const findings: Finding[] = [];
      if (clerk !== undefined && !/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/.test(clerk)) {
        findings.push(
          error(
            'CLERK_WEBHOOK_SIGNING_SECRET',
            'is not whsec_ followed by base64, so every webhook of Clerk is refused',
            'Copy the signing secret of the endpoint (Clerk, Webhooks)',
          ),
        );
      }
      if (stripe !== undefined && !/^whsec_\w+$/.test(stripe)) {
        findings.push(
          error(
            'STRIPE_WEBHOOK_SECRET',
            'does not begin with whsec_, so every webhook of Stripe is refused',
            'Copy the signing secret of the endpoint, not an API key (Stripe, Webhooks)',
          ),
        );
      }
      const names = Object.keys(prices);
      if (stripe !== undefined && names.length === 0) {
        findings.push(
          error(
            'STRIPE_PRICE_CREDITS',
            'is empty: customers pay and get no credits',
            'Set the credits of each price, such as STRIPE_PRICE_CREDITS=price_abc=100,price_def=500',
          ),
        );
      }
      if (stripe === undefined && names.length > 0) {
        findings.push(
          warning(
            'STRIPE_WEBHOOK_SECRET',
            'is not set, so nobody gets the credits of STRIPE_PRICE_CREDITS',
            'Add an endpoint for POST /webhooks/stripe and copy its signing secret (Stripe, Webhooks)',
          ),
        );
      }
      const unknown = names.filter((name) => !/^(price|plan)_\w+$/.test(name));
      if (unknown.length > 0) {
        findings.push(
          error(
            'STRIPE_PRICE_CREDITS',
            `names ${unknown.join(', ')}, which is not a price of Stripe`,
            'Use the ids of prices, price_…, not of products (Stripe, Product catalogue)',
          ),
        );
      }
      const seen = [
        `Clerk ${clerk ? 'in' : 'off'}`,
        `Stripe ${stripe ? `in, ${names.length} prices` : 'off'}`,
        `apps ${own ? 'out' : 'off'}`,
      ];
      return { findings, seen: seen.join(', ') };
    },
  };
}
