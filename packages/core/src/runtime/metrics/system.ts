import type { Queue } from '../../queue/queue.ts';
import type { Metrics } from './metrics.ts';

/** The state of the system at one moment, as the database tells it. Ages in seconds, 0 where there is nothing. */
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
  /** Null while the sums catch up after a pause. */
  drift_credits: number | null;
  webhook_lag_s: number;
  workers: number;
  reading_age_s: number;
  audit_problems: number | null;
  /** Null before the first audit. */
  audit_age_s: number | null;
  /** It falls to whoever read this to have the ledger audited. */
  audit_is_yours: boolean;
}

/** How long a scrape waits to reach the database, in milliseconds. */
const pingMs = 4_000;

export interface SystemSources {
  readGauges(): Promise<OperatorGauges>;
  /** Counts what breaks an invariant of money; the result is part of the next reading. */
  audit(): Promise<unknown>;
  /** Whether the database can be reached at all, however busy it is. */
  ping(options: { timeoutMs: number }): Promise<unknown>;
  queue: Pick<Queue, 'counts' | 'isPaused'>;
}

/**
 * Shows the state of the whole system with each scrape. What is away takes its metrics along, so that no alert is
 * silenced by a number that nobody has read.
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
    // Nobody waits for it: it may take seconds, and fails when the database does.
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

/** One value without labels, or none where it is not known. */
function one(value: number | null | undefined): { labels: Record<never, string>; value: number }[] {
  return typeof value === 'number' ? [{ labels: {}, value }] : [];
}
