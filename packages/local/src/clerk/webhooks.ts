import { createHmac, randomUUID } from 'node:crypto';
import { backendUser } from './backend-user.ts';

export type UserEventType = 'user.created' | 'user.updated' | 'user.deleted';

export interface SignedWebhook {
  headers: Record<string, string>;
  body: string;
}

/** Sends the webhooks of Clerk for a created, updated or deleted user. */
export interface WebhookSender {
  /** `whsec_…`, for `CLERK_WEBHOOK_SIGNING_SECRET`. */
  secret: string;
  /** Signs an event as Clerk does. A repeated `id` is the same event again. */
  sign(event: object, options?: { id?: string; at?: Date }): SignedWebhook;
  /** An event about a user. `email` is the verified address, null for none; `at` is the time of the change. */
  userEvent(type: UserEventType, user: { id: string; email?: string | null; at?: Date }): object;
  /** Signs an event and sends it to an address. */
  send(url: string, event: object, options?: { id?: string; at?: Date }): Promise<Response>;
}

export function createWebhookSender(secret: string): WebhookSender {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

  function sign(event: object, { id = `msg_${randomUUID()}`, at = new Date() } = {}): SignedWebhook {
    const body = JSON.stringify(event);
    const timestamp = Math.floor(at.getTime() / 1_000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': String(timestamp),
        'svix-signature': `v1,${signature}`,
      },
    };
  }

  return {
    secret,
    sign,
    userEvent(type, { id, email = null, at = new Date() }) {
      return {
        type,
        object: 'event',
        timestamp: at.getTime(),
        instance_id: 'ins_local',
        event_attributes: { http_request: { client_ip: '127.0.0.1', user_agent: 'local' } },
        data: type === 'user.deleted' ? { id, object: 'user', deleted: true } : shown(id, email, at),
      };
    },
    send: (url, event, options) => fetch(url, { method: 'POST', ...sign(event, options) }),
  };
}

function shown(id: string, email: string | null, at: Date): object {
  const user = { ...backendUser(id, email ?? ''), updated_at: at.getTime() };
  return email === null ? { ...user, email_addresses: [], primary_email_address_id: null } : user;
}
