import { openDashboardQueue } from '@darkroom/core/queue/dashboard';
import { openQueue } from '@darkroom/core/queue/open';
import { openCoordination } from '@darkroom/core/queue/open-coordination';
import { openHints } from '@darkroom/core/queue/open-hints';
import { openQueueTelemetry } from '@darkroom/core/queue/telemetry';
import type { ApiConfig } from '@darkroom/core/runtime/config/config';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import { createR2 } from '@darkroom/core/storage/r2';
import { createUploadSigner } from '@darkroom/core/storage/sign-upload';
import { openDatabase } from '@darkroom/db/open';
import { createClerkEmail } from './accounts/clerk-email.ts';
import { createDeletedUsers } from './accounts/deleted-users.ts';
import { createEmailBackfill } from './accounts/email-backfill.ts';
import { createChangeFeed } from './changes/feed.ts';
import { createDeliveryMarks } from './enqueue/delivery-marks.ts';
import { createEnqueue } from './enqueue/enqueue.ts';
import { createBoard } from './routes/admin/board.ts';
import { createCancelTimers } from './routes/jobs/cancel-timers.ts';

/** Opens everything the API talks to. Does not wait until it is reachable. `now` returns monotonic milliseconds. */
export async function openParts(config: ApiConfig, deps: { log: Log; tracing: Tracing; now: () => number }) {
  const { clerk, credits, http, queueUrl } = config;
  const { log, tracing, now } = deps;
  const db = openDatabase({
    supabaseUrl: config.supabase.url,
    secretKey: config.supabase.secretKey,
    // A client is waiting: a 503 within ten seconds is better than a result after thirty.
    timeoutMs: 4_000,
    retries: 2,
    direct: config.directDatabase && { ...config.directDatabase, name: 'darkroom api' },
    tracing,
  });
  const queue = openQueue({ url: queueUrl, log, telemetry: await openQueueTelemetry(tracing) });
  const storage = createR2(config.r2);
  const uploads = createUploadSigner(config.r2);
  const hints = openHints({ url: queueUrl, log });
  const coordination = openCoordination({ url: queueUrl, log });
  const deliveryMarks = createDeliveryMarks({ db, log });
  const enqueue = createEnqueue({ queue, deliveryMarks, log });
  const changes = createChangeFeed({ db, hints, log });
  const cancelTimers = createCancelTimers({ db, hints, log });
  const findEmail = createClerkEmail(clerk);
  const emailBackfill = createEmailBackfill({ db, findEmail, defaultCredits: credits.byDefault, log, now });
  const deletedUsers = createDeletedUsers({ db, now });
  const board = createBoard({
    open: () => openDashboardQueue({ url: queueUrl, log }),
    actions: http.operators.actions,
  });

  return {
    db,
    queue,
    storage,
    uploads,
    hints,
    coordination,
    enqueue,
    changes,
    cancelTimers,
    emailBackfill,
    deletedUsers,
    board,
    /** Closes everything but `changes`, whose streams must end before the server stops. */
    async close() {
      await Promise.all([
        deliveryMarks.close(),
        emailBackfill.close(),
        cancelTimers.close(),
        hints.close(),
        coordination.close(),
        board.close(),
      ]);
      await queue.close();
      await db.close();
      storage.close();
      uploads.close();
    },
  };
}
