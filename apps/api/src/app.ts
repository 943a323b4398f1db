import type { CreditCosts } from '@darkroom/core/job/price';
import type { Hints } from '@darkroom/core/queue/hints';
import type { Queue } from '@darkroom/core/queue/queue';
import type { Limiter } from '@darkroom/core/queue/rate-limiter';
import type { OperatorConfig } from '@darkroom/core/runtime/config/config';
import type { LogContext } from '@darkroom/core/runtime/log/context';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { TrustedProxies } from '@darkroom/core/runtime/network/client-address';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { UploadSigner } from '@darkroom/core/storage/sign-upload';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { type Context, Hono } from 'hono';
import { except } from 'hono/combine';
import { etag } from 'hono/etag';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import type { Board } from './admin/board.ts';
import { createFailures } from './admin/failures.ts';
import { createOperators } from './admin/operators.ts';
import { addAdmin, adminPolicy } from './admin/routes.ts';
import type { Sessions } from './admin/session.ts';
import { type DeletedUsers, refuseDeleted } from './auth/deleted-users.ts';
import type { EmailBackfill } from './auth/email-backfill.ts';
import { type ClerkSettings, createTokenReader, requireUser } from './auth/require-user.ts';
import type { Watch } from './changes/watch.ts';
import type { CancelTimers } from './enqueue/cancel-timers.ts';
import { createDeliver } from './enqueue/enqueue.ts';
import type { DeliveryMarks } from './enqueue/marks.ts';
import { accessLog } from './http/access-log.ts';
import { createByteBudget } from './http/byte-budget.ts';
import { crossOrigin } from './http/cross-origin.ts';
import type { ApiEnv } from './http/env.ts';
import { budgetBodies, limitBody, limitBodyTo, limitSmallBody, maxBodyBytes } from './http/json-body.ts';
import { privately } from './http/privately.ts';
import { traceRequests } from './http/trace-requests.ts';
import { docsPolicy, showDocs } from './openapi/show-docs.ts';
import { showDocument } from './openapi/show-document.ts';
import { problemFromError } from './problem/from-error.ts';
import { respondWithProblem } from './problem/respond.ts';
import { tellError } from './problem/tell-error.ts';
import { createFindPlace } from './queue-position/queue-position.ts';
import { createRequestLimits } from './rate-limit/limit-requests.ts';
import { createSenderOf } from './rate-limit/sender.ts';
import { listLedger } from './routes/credits/ledger.ts';
import { followUser } from './routes/events/follow.ts';
import { showLive } from './routes/health/live.ts';
import { showReady } from './routes/health/ready.ts';
import { deleteImage } from './routes/images/delete.ts';
import { listImages } from './routes/images/list.ts';
import { createAnswers } from './routes/jobs/answer.ts';
import { cancelJob } from './routes/jobs/cancel.ts';
import { createJob } from './routes/jobs/create.ts';
import { listDeliveries } from './routes/jobs/deliveries.ts';
import { followJob } from './routes/jobs/events.ts';
import { listJobs } from './routes/jobs/list.ts';
import { retryJob } from './routes/jobs/retry.ts';
import { showJob } from './routes/jobs/show.ts';
import type { WebhookOffer } from './routes/jobs/webhook.ts';
import { showMe } from './routes/me/show.ts';
import { type ShownMetrics, showMetrics } from './routes/metrics/show.ts';
import { listModels } from './routes/models/list.ts';
import { createPrompt } from './routes/prompts/create.ts';
import { deletePrompt } from './routes/prompts/delete.ts';
import { listPrompts } from './routes/prompts/list.ts';
import { createResolvePrompt } from './routes/prompts/resolve.ts';
import { showPrompt } from './routes/prompts/show.ts';
import { updatePrompt } from './routes/prompts/update.ts';
import { createUpload } from './routes/uploads/create.ts';
import { receiveClerk } from './routes/webhooks/clerk.ts';
import { receiveStripe } from './routes/webhooks/stripe.ts';
import type { PriceCredits } from './routes/webhooks/stripe-event.ts';

export interface ApiDeps {
  db: Database;
  queue: Queue;
  storage: Storage;
  uploads: UploadSigner;
  marks: DeliveryMarks;
  emails: EmailBackfill;
  hints: Hints;
  watch: Watch;
  cancelTimers: CancelTimers;
  deletedUsers: DeletedUsers;
  log: Log;
  /** Puts a request's id on every line that is told on its behalf. Left out: on those that name it themselves. */
  within?: LogContext['within'];
  /** Left out: there is no /metrics. */
  metrics?: ShownMetrics;
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  clerk: ClerkSettings;
  /** What signs the events that Clerk and Stripe report; a webhook without its secret takes none. */
  incoming: { clerkSecret?: string; stripeSecret?: string; priceCredits: PriceCredits };
  corsOrigins: readonly string[];
  /** How many requests are let through, by address before it is known who asks, and then by user. */
  limits: { address: Limiter; user: Limiter; isTrustedProxy: TrustedProxies };
  operators: OperatorConfig;
  admin: { board: Board; sessions: Sessions; attempts: Limiter };
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
  webhooks: WebhookOffer;
  /** True from the moment the process begins to stop. */
  isStopping: () => boolean;
  /** Milliseconds that only grow. */
  now: () => number;
  /** From 0 to 1. */
  random: () => number;
  /** A new UUID. */
  randomId: () => string;
}

/** The HTTP API: every route, and what surrounds each. It holds nothing that needs to be stopped. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
  const { log, now } = deps;
  const app = new Hono<ApiEnv>();

  app.use('/docs', docsPolicy);
  app.use('/admin/*', adminPolicy);
  app.use(
    requestId(),
    traceRequests(deps.tracing ?? noTracing, deps.limits.isTrustedProxy),
    accessLog(log, now, deps.within),
  );
  app.use(secureHeaders(headers), crossOrigin(deps.corsOrigins));
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  app.notFound((c) =>
    respondWithProblem(c, { code: 'not_found', detail: 'There is nothing at this address.' }),
  );
  app.onError((error, c) => {
    tellError(log, error, { request_id: c.get('requestId'), route: routePath(c, -1) });
    return respondWithProblem(c, problemFromError(error));
  });

  app.get('/health/live', showLive);
  app.get('/health/ready', showReady(deps));
  if (deps.metrics) app.get('/metrics', showMetrics(deps.metrics));
  app.get('/openapi.json', etag(), showDocument());
  app.get('/docs', etag(), showDocs());

  const { clerkSecret, stripeSecret, priceCredits } = deps.incoming;
  app.use('/webhooks/*', limitBodyTo(maxWebhookBytes));
  app.post('/webhooks/clerk', receiveClerk({ ...deps, signingSecret: clerkSecret }));
  app.post('/webhooks/stripe', receiveStripe({ ...deps, webhookSecret: stripeSecret, priceCredits }));

  const { address, user, isTrustedProxy } = deps.limits;
  const senderOf = createSenderOf({ isTrusted: isTrustedProxy, log });
  const tokens = createTokenReader(deps.clerk, log);
  app.use('/v1/*', privately, requireUser(tokens, createRequestLimits({ address, user, senderOf })));
  // Nearly every job would cost a look of its own, and is refused where it is made.
  const makesJob = (c: Context) => c.req.method === 'POST' && c.req.path === '/v1/jobs';
  app.use('/v1/*', except(makesJob, refuseDeleted(deps.deletedUsers)));
  const images = createByteBudget({ mostBytes: 4 * maxBodyBytes, mostWaiting: 16, patienceMs: 5_000 });
  const answers = createAnswers({ ...deps, deliver: createDeliver(deps) });
  app.post('/v1/jobs', budgetBodies(images), limitBody, createJob({ ...deps, answers }));
  app.get('/v1/jobs', listJobs(deps));
  app.get('/v1/jobs/:id', showJob({ ...deps, findPlace: createFindPlace(deps) }));
  app.get('/v1/jobs/:id/events', followJob(deps));
  app.post('/v1/jobs/:id/cancel', limitSmallBody, cancelJob(deps));
  app.get('/v1/jobs/:id/deliveries', listDeliveries(deps));
  app.post('/v1/jobs/:id/retry', limitSmallBody, retryJob({ ...deps, answers }));
  app.get('/v1/events', followUser(deps));
  app.get('/v1/models', listModels(deps));
  app.get('/v1/me', showMe(deps));
  app.get('/v1/credits/ledger', listLedger(deps));

  const resolve = createResolvePrompt(deps);
  app.post('/v1/uploads', limitSmallBody, createUpload(deps));
  app.get('/v1/prompts', listPrompts(deps));
  app.post('/v1/prompts', limitSmallBody, createPrompt({ ...deps, resolve }));
  app.get('/v1/prompts/:id', showPrompt(deps));
  app.patch('/v1/prompts/:id', limitSmallBody, updatePrompt({ ...deps, resolve }));
  app.delete('/v1/prompts/:id', deletePrompt(deps));
  app.get('/v1/images', listImages(deps));
  app.delete('/v1/images/:id', deleteImage(deps));
  addAdmin(app, {
    ...deps.admin,
    operators: createOperators(deps.operators),
    tokens,
    deletedUsers: deps.deletedUsers,
    senderOf,
    failures: createFailures({ attempts: deps.admin.attempts, now }),
    actions: deps.operators.actions,
  });
  return app;
}

/** Stripe's largest events are a fraction of it. */
const maxWebhookBytes = 1_000_000;

/** An answer is data: nothing in it is ever to be run, framed or guessed at. */
const headers = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
};

function onMethodNotAllowed(c: Context, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return respondWithProblem(c, {
    code: 'method_not_allowed',
    detail: `This address takes ${allow}.`,
    headers: { Allow: allow },
  });
}
