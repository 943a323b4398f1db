import type { Command } from '../../cli/command.ts';
import { parseCount } from '../../cli/parse-values.ts';
import { table } from '../../display/table.ts';
import { timestamp } from '../../display/times.ts';

export const webhooksListUnresolved: Command = {
  name: 'webhooks list-unresolved',
  summary: 'payments without credits, and webhooks to apps that failed for good; exits 1 if there are any',
  options: { limit: { value: '<count>', summary: 'of each kind, 1 to 1000, 50 by default' } },
  async run(input, { operator }) {
    const limit = parseCount(input.option('limit'), { name: '--limit', max: 1_000, byDefault: 50 });
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
            timestamp(row.received_at),
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
          ['created', 'delivery', 'event', 'job', 'host', 'attempts', 'result'],
          outgoing.map((row) => [
            timestamp(row.created_at),
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
      text: none ? 'None.\n' : `${parts.join('\n')}\nTo try one again: webhooks replay <event or delivery>\n`,
      code: none ? 0 : 1,
    };
  },
};
