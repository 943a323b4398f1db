import type { Queue } from '../../queue/queue.ts';
import type { Metrics } from './metrics.ts';

/** One reading of the deployment's state from the database. Ages are in seconds, and 0 if there is nothing to measure. */
export interface OperatorGauges {
  pending: number;
  processing: number;
  oldest_pending_s: number;
  oldest_unfinished_s: number;
  overdue_s: number;
  ended: readonly (readonly [status: string, code: string, count: number])[];
  credits: readonly (readonly [kind: string, direction: 'in' | 'out', credits: number])[];
  refunds: readonly (readonly [code: string, count: number])[];
  unsettled_refunds: number;
  /** Null while the totals catch up after a period without readings. */
  drift_credits: number | null;
  webhook_lag_s: number;
  workers: number;
  reading_age_s: number;
  audit_problems: number | null;
  /** Null before the first audit. */
  audit_age_s: number | null;
  /** True if the process that received this reading must run the audit of the ledger. */
  audit_is_yours: boolean;
}

/** How long a scrape waits to reach the database, in milliseconds. */
const pingMs = 4_000;

export interface SystemSources {
  readGauges(): Promise<OperatorGauges>;
  /** Counts violations of the credit invariants. The result is part of the next reading. */
  audit(): Promise<unknown>;
  /** Resolves if the database is reachable, even when it is too busy for a reading. */
  ping(options: { timeoutMs: number }): Promise<unknown>;
  queue: Pick<Queue, 'counts' | 'isPaused'>;
}

/**
 * Adds metrics of the whole deployment, read at each scrape. If the database or the queue is unreachable, its metrics are left
 * out, so that no stale value silences an alert.
 */
export function showSystem(metrics: Metrics, { readGauges, audit, ping, queue }: SystemSources): void {
  metrics.beforeScrape(async () => {
    const reached = ping({ timeoutMs: pingMs }).then(
      () => true,
      () => false,
    );
    const gauges = await readGauges().catch(() => null);
    metrics.replace('darkroom_reading_up', one(gauges ? 1 : 0));
    metrics.replace('darkroom_database_up', one(gauges || (await reached) ? 1 : 0));
    show(metrics, gauges);
    // The scrape does not wait for the audit, which can take seconds. A failed audit shows in its age.
    if (gauges?.audit_is_yours) audit().catch(() => undefined);
  });
  metrics.beforeScrape(async () => {
    const counts = await queue.counts().catch(() => null);
    const paused = counts && (await queue.isPaused().catch(() => null));
    metrics.replace('darkroom_queue_up', one(counts ? 1 : 0));
    metrics.replace('darkroom_queue_paused', one(paused === null ? null : Number(paused)));
    metrics.replace(
      'darkroom_queue_deliveries',
      Object.entries(counts ?? {}).map(([state, value]) => ({ labels: { state }, value })),
    );
  });
}

function show(metrics: Metrics, gauges: OperatorGauges | null): void {
  metrics.replace(
    'darkroom_jobs',
    gauges
      ? [
          { labels: { status: 'pending' }, value: gauges.pending },
          { labels: { status: 'processing' }, value: gauges.processing },
        ]
      : [],
  );
  metrics.replace(
    'darkroom_jobs_ended_total',
    (gauges?.ended ?? []).map(([status, code, value]) => ({ labels: { status, code }, value })),
  );
  metrics.replace(
    'darkroom_refunds_total',
    (gauges?.refunds ?? []).map(([code, value]) => ({ labels: { code }, value })),
  );
  metrics.replace(
    'darkroom_credits_total',
    (gauges?.credits ?? []).map(([kind, direction, value]) => ({ labels: { kind, direction }, value })),
  );
  metrics.replace('darkroom_oldest_pending_age_seconds', one(gauges?.oldest_pending_s));
  metrics.replace('darkroom_oldest_unfinished_age_seconds', one(gauges?.oldest_unfinished_s));
  metrics.replace('darkroom_overdue_seconds', one(gauges?.overdue_s));
  metrics.replace('darkroom_unsettled_refunds', one(gauges?.unsettled_refunds));
  metrics.replace('darkroom_ledger_drift_credits', one(gauges?.drift_credits));
  metrics.replace('darkroom_audit_problems', one(gauges?.audit_problems));
  metrics.replace('darkroom_audit_age_seconds', one(gauges?.audit_age_s));
  metrics.replace('darkroom_webhook_lag_seconds', one(gauges?.webhook_lag_s));
  metrics.replace('darkroom_workers', one(gauges?.workers));
  metrics.replace('darkroom_reading_age_seconds', one(gauges?.reading_age_s));
}

/** One sample without labels, or none if the value is unknown. */
function one(value: number | null | undefined): { labels: Record<never, string>; value: number }[] {
  return typeof value === 'number' ? [{ labels: {}, value }] : [];
}
