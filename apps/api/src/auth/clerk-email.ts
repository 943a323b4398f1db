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
 * Asks Clerk's Backend API for a user's verified primary address; null where there is none. Takes 2 s at most.
 * The SDK's own call is not used because it can neither be timed out nor aborted.
 * @throws Error when Clerk does not answer as expected, or the signal's reason.
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
      throw new Error(`Clerk answered ${response.status} when asked for a user.`);
    }
    const user = clerkUser.parse(await response.json());
    const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
    return primary?.verification?.status === 'verified' ? primary.email_address : null;
  };
}
