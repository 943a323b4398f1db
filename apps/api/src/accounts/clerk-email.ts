import { z } from 'zod';

const timeoutMs = 2_000;

const clerkUser = z.object({
  primary_email_address_id: z.string().nullable(),
  email_addresses: z.array(
    z.object({
      id: z.string(),
      email_address: z.string(),
      verification: z.object({ status: z.string() }).nullish(),
    }),
  ),
});

/**
 * Reads a user's verified primary e-mail address from Clerk's Backend API within 2 s; null without one. The SDK's own call
 * can neither be timed out nor aborted.
 * @throws Error on an unexpected response, or the signal's reason
 */
export function createClerkEmail(clerk: { secretKey: string; apiUrl?: string; fetch?: typeof fetch }) {
  const { secretKey, apiUrl = 'https://api.clerk.com', fetch: send = fetch } = clerk;
  return async (userId: string, signal: AbortSignal): Promise<string | null> => {
    const response = await send(new URL(`/v1/users/${encodeURIComponent(userId)}`, apiUrl), {
      headers: { Authorization: `Bearer ${secretKey}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`Clerk responded with ${response.status} to GET /v1/users.`);
    }
    const user = clerkUser.parse(await response.json());
    const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
    return primary?.verification?.status === 'verified' ? primary.email_address : null;
  };
}
