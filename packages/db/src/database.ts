import type { AccountOperations } from './accounts/accounts.ts';
import type { ChangeOperations } from './changes/changes.ts';
import type { CreditOperations } from './credits/credits.ts';
import type { GaugeOperations } from './gauges/gauges.ts';
import type { ImageOperations } from './images/images.ts';
import type { JobOperations } from './jobs/jobs.ts';
import type { LeaseOperations } from './lease/lease.ts';
import type { ModelOperations } from './models/models.ts';
import type { PaymentOperations } from './payments/payments.ts';
import type { PromptOperations } from './prompts/prompts.ts';
import type { QueueOperations } from './queue/queue.ts';
import type { QueuePositionOperations } from './queue-position/queue-position.ts';
import type { RemovalOperations } from './removal/removal.ts';
import type { RunOperations } from './runs/runs.ts';
import type { SweepOperations } from './sweep/sweep.ts';
import type { TraceOperations } from './traces/traces.ts';
import type { UserOperations } from './users/users.ts';
import type { WebhookOperations } from './webhooks/webhooks.ts';

/**
 * The typed access to Postgres: each operation calls one SQL function. All are safe to repeat: a call whose answer was
 * lost is sent again with the same arguments.
 * @throws DomainError when a rule rejects the call; DatabaseUnavailable when the database cannot be reached.
 */
export interface Database
  extends UserOperations,
    AccountOperations,
    PaymentOperations,
    CreditOperations,
    JobOperations,
    RunOperations,
    LeaseOperations,
    QueueOperations,
    QueuePositionOperations,
    SweepOperations,
    ChangeOperations,
    ImageOperations,
    PromptOperations,
    RemovalOperations,
    WebhookOperations,
    ModelOperations,
    GaugeOperations,
    TraceOperations {
  /** @throws DatabaseUnavailable unless the database answers within `timeoutMs`. */
  ping(options: { timeoutMs: number }): Promise<void>;
}
