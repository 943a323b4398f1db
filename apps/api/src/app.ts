import type { RateLimiter } from '@darkroom/core/queue/rate-limiter';
import type { LogContext } from '@darkroom/core/runtime/log/context';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { TrustedProxies } from '@darkroom/core/runtime/network/client-address';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import { type Context, Hono } from 'hono';
import { except } from 'hono/combine';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { type DeletedUsers, rejectDeletedUsers } from './accounts/deleted-users.ts';
import { requireUser } from './auth/require-user.ts';
import { type ClerkSettings, createTokenVerifier } from './auth/token-verifier.ts';
import { accessLog } from './http/access-log.ts';
import { allowOrigins } from './http/cors.ts';
import type { ApiEnv } from './http/env.ts';
import { noSharedCache } from './http/no-shared-cache.ts';
import { traceRequests } from './http/trace-requests.ts';
import { problemFromError } from './problem/from-error.ts';
import { logError } from './problem/log-error.ts';
import { respondWithProblem } from './problem/respond.ts';
import { createClientAddressOf } from './rate-limit/client-address.ts';
import { createRequestLimits } from './rate-limit/request-limits.ts';
import { accountRoutes } from './routes/accounts/routes.ts';
import { adminPolicy, adminRoutes } from './routes/admin/routes.ts';
import { changeRoutes } from './routes/changes/routes.ts';
import { creditRoutes } from './routes/credits/routes.ts';
import { docsRoutes } from './routes/docs/routes.ts';
import { docsPolicy } from './routes/docs/show-page.ts';
import { healthRoutes } from './routes/health/routes.ts';
import { imageRoutes } from './routes/images/routes.ts';
import { jobRoutes } from './routes/jobs/routes.ts';
import { meRoutes } from './routes/me/routes.ts';
import { metricsRoutes } from './routes/metrics/routes.ts';
import { modelRoutes } from './routes/models/routes.ts';
import { paymentRoutes } from './routes/payments/routes.ts';
import { promptRoutes } from './routes/prompts/routes.ts';
import { uploadRoutes } from './routes/uploads/routes.ts';
import { webhookRoutes } from './routes/webhooks/routes.ts';

/** What the middleware around the features needs. */
interface MiddlewareDeps {
  log: Log;
  /** Adds a request's id to every line logged while it runs. Without it, only lines that name the id carry it. */
  within?: LogContext['within'];
  /** Without it nothing is traced. */
  tracing?: Tracing;
  clerk: ClerkSettings;
  deletedUsers: DeletedUsers;
  corsOrigins: readonly string[];
  limits: { address: RateLimiter; user: RateLimiter; isTrustedProxy: TrustedProxies };
  /** Monotonic milliseconds. */
  now: () => number;
}

/** What the middleware and all features need; each feature declares its own part in its routes.ts. */
export type ApiDeps = MiddlewareDeps &
  DepsOf<typeof accountRoutes> &
  Omit<DepsOf<typeof adminRoutes>, 'clientAddressOf' | 'tokens'> &
  DepsOf<typeof changeRoutes> &
  DepsOf<typeof creditRoutes> &
  DepsOf<typeof healthRoutes> &
  DepsOf<typeof imageRoutes> &
  DepsOf<typeof jobRoutes> &
  DepsOf<typeof meRoutes> &
  DepsOf<typeof metricsRoutes> &
  DepsOf<typeof modelRoutes> &
  DepsOf<typeof paymentRoutes> &
  DepsOf<typeof promptRoutes> &
  DepsOf<typeof uploadRoutes> &
  DepsOf<typeof webhookRoutes>;
type DepsOf<Routes extends (deps: never) => Hono<ApiEnv>> = Parameters<Routes>[0];

/** Composes the features into the HTTP API. Opens nothing that must be closed. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
  const { log, now } = deps;
  const { address, user, isTrustedProxy } = deps.limits;
  const clientAddressOf = createClientAddressOf({ isTrusted: isTrustedProxy, log });
  const tokens = createTokenVerifier(deps.clerk, log);
  const app = new Hono<ApiEnv>();

  app.use('/docs', docsPolicy);
  app.use('/admin/*', adminPolicy);
  app.use(
    requestId(),
    traceRequests(deps.tracing ?? noTracing, isTrustedProxy),
    accessLog(log, now, deps.within),
  );
  app.use(secureHeaders(headers), allowOrigins(deps.corsOrigins));
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  app.notFound((c) => respondWithProblem(c, { code: 'not_found', detail: 'There is nothing at this URL.' }));
  app.onError((error, c) => {
    logError(log, error, { request_id: c.get('requestId'), route: routePath(c, -1) });
    return respondWithProblem(c, problemFromError(error));
  });

  app.route('/', healthRoutes(deps));
  app.route('/', metricsRoutes(deps));
  app.route('/', docsRoutes());
  app.route('/', accountRoutes(deps));
  app.route('/', paymentRoutes(deps));

  app.use(
    '/v1/*',
    noSharedCache,
    requireUser(tokens, createRequestLimits({ address, user, clientAddressOf })),
    except(createsJob, rejectDeletedUsers(deps.deletedUsers)),
  );
  app.route('/', jobRoutes(deps));
  app.route('/', changeRoutes(deps));
  app.route('/', webhookRoutes(deps));
  app.route('/', modelRoutes(deps));
  app.route('/', meRoutes(deps));
  app.route('/', creditRoutes(deps));
  app.route('/', uploadRoutes(deps));
  app.route('/', promptRoutes(deps));
  app.route('/', imageRoutes(deps));

  app.route('/', adminRoutes({ ...deps, clientAddressOf, tokens }));
  return app;
}

/** create_job rejects deleted accounts itself, which saves a query for nearly every new job. */
function createsJob(c: Context): boolean {
  return c.req.method === 'POST' && c.req.path === '/v1/jobs';
}

/** Responses are data: browsers must not run, frame or sniff them. */
const headers = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
};

function onMethodNotAllowed(c: Context, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return respondWithProblem(c, {
    code: 'method_not_allowed',
    detail: `This URL only supports ${allow}.`,
    headers: { Allow: allow },
  });
}
