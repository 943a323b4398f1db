import { cutConnections } from './cut-connections.ts';
import { emptyQueue } from './empty-queue.ts';
import { exhaustQuota } from './exhaust-quota.ts';
import { freezeRedis } from './freeze-redis.ts';
import { freezeWorker } from './freeze-worker.ts';
import { killApi } from './kill-api.ts';
import { killWorker } from './kill-worker.ts';
import { loseAnswers } from './lose-answers.ts';
import type { Nemesis } from './nemesis.ts';
import { overloadModels } from './overload-models.ts';
import { refuseConnections } from './refuse-connections.ts';
import { restartPostgres } from './restart-postgres.ts';
import { restartRedis } from './restart-redis.ts';
import { rollWorkers } from './roll-workers.ts';
import { silentNetwork } from './silent-network.ts';
import { slowNetwork } from './slow-network.ts';
import { spoilUploads } from './spoil-uploads.ts';

/** Everything that goes wrong in a storm. */
export const nemeses: readonly Nemesis[] = [
  killWorker,
  freezeWorker,
  rollWorkers,
  killApi,
  emptyQueue,
  restartRedis,
  freezeRedis,
  restartPostgres,
  cutConnections,
  refuseConnections,
  slowNetwork,
  silentNetwork,
  loseAnswers,
  spoilUploads,
  exhaustQuota,
  overloadModels,
];
