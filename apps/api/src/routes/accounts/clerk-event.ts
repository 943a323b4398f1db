import type { ClerkEvent } from '@darkroom/db/accounts/accounts';
import { z } from 'zod';
import { validate } from '../../problem/validation.ts';

const types = ['user.created', 'user.updated', 'user.deleted'] as const;

const clerkEvent = z.object({ type: z.string(), timestamp: z.number().nullish(), data: z.unknown() });

const changedUser = z.object({
  id: z.string().min(1).max(255),
  primary_email_address_id: z.string().nullish(),
  email_addresses: z
    .array(
      z.object({
        id: z.string(),
        email_address: z.string(),
        verification: z.object({ status: z.string() }).nullish(),
      }),
    )
    .nullish(),
  /** Epoch milliseconds. */
  updated_at: z.number().nullish(),
});

/** Reads a verified event; null for a type that is not handled. `sentAt` in epoch milliseconds. @throws ProblemError if it is malformed */
export function readClerkEvent(payload: unknown, sent: { id: string; sentAt: number }): ClerkEvent | null {
  const event = validate(clerkEvent, payload);
  const type = types.find((known) => known === event.type);
  if (type === undefined) return null;
  const user = validate(changedUser, event.data);
  const createdAt = event.timestamp ?? sent.sentAt;
  return {
    id: sent.id,
    type,
    createdAt: new Date(createdAt).toISOString(),
    userId: user.id,
    email: verifiedAddress(user),
    changedAt: new Date(user.updated_at ?? createdAt).toISOString(),
  };
}

function verifiedAddress(user: z.output<typeof changedUser>): string | null {
  const primary = user.email_addresses?.find(({ id }) => id === user.primary_email_address_id);
  return primary?.verification?.status === 'verified' ? primary.email_address : null;
}
