import type { Command } from '../cli/command.ts';
import { readCount } from '../cli/read-values.ts';
import { table } from '../cli/table.ts';
import { clock } from '../cli/times.ts';

/** Webhooks, of both directions, that want an operator. */
export const webhooksUnresolved: Command = {
  name: 'webhooks list-unresolved',
  summary:
    'payments that nobody was credited for, and webhooks to apps that were given up; exits 1 when there are any',
  options: { limit: { value: '<count>', summary: 'of each kind, 1 to 1000, 50 by default' } },
  async run(input, { operator }) {
    const limit = readCount(input.option('limit'), { name: '--limit', max: 1_000, byDefault: 50 });
    const [incoming, outgoing] = await Promise.all([
      operator().listUnresolvedEvents({ limit }),
      operator().listFailedWebhookDeliveries({ limit }),
    ]);
    const parts: string[] = [];
    if (incoming.length > 0) {
      parts.push(
        table(
          ['received', 'event', 'type', 'outcome', 'user', 'note'],
          incoming.map((row) => [
            clock(row.received_at),
            row.id,
            row.type,
            row.outcome,
            row.user_id,
            row.note,
          ]),
        ),
      );
    }
    if (outgoing.length > 0) {
      parts.push(
        table(
          ['made', 'delivery', 'event', 'job', 'host', 'attempts', 'answer'],
          outgoing.map((row) => [
            clock(row.created_at),
            row.id,
            row.type,
            row.job_id,
            row.host,
            row.attempts,
            row.last_status ?? row.last_error,
          ]),
        ),
      );
    }
    const none = parts.length === 0;
    return {
      data: { incoming, outgoing },
      text: none
        ? 'There are none.\n'
        : `${parts.join('\n')}\nwebhooks replay <event or delivery> tries one again.\n`,
      code: none ? 0 : 1,
    };
  },
};
