# One image for API, workers, migrations and the operators' commands; its argument selects the program:
#   docker build -t darkroom .                     and      docker run --env-file .env darkroom api|worker|migrate|ops …
# `--target local` adds the stand-ins of the local stack, for trying it without an account.
#
# In a closed network set your own sources: --build-arg NODE_IMAGE=…, NPM_REGISTRY=…
# NODE_IMAGE may be any Debian with Node 24 and npm.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS base
# sharp passes large buffers between threads, which makes glibc's allocator grow without end. The folder's name depends on
# the CPU architecture, so the library gets one name for all.
RUN set -eu; \
    if ! ls /usr/lib/*/libjemalloc.so.2 >/dev/null 2>&1; then \
      apt-get update; \
      apt-get install -y --no-install-recommends libjemalloc2; \
      rm -rf /var/lib/apt/lists/*; \
    fi; \
    ln -s "$(ls /usr/lib/*/libjemalloc.so.2)" /usr/local/lib/libjemalloc.so.2; \
    getent passwd 1000 >/dev/null || useradd --uid 1000 --user-group --no-create-home --shell /usr/sbin/nologin node
WORKDIR /app

# Only the manifests, so that a change of code does not repeat the installation.
FROM base AS manifests
ARG NPM_REGISTRY=https://registry.npmjs.org/
ENV NPM_CONFIG_REGISTRY=${NPM_REGISTRY} NPM_CONFIG_CACHE=/tmp/npm
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/ops/package.json apps/ops/
COPY apps/web/package.json apps/web/
COPY apps/worker/package.json apps/worker/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/db/package.json packages/db/
COPY packages/local/package.json packages/local/
COPY packages/painter/package.json packages/painter/

FROM manifests AS product-modules
RUN npm ci --omit=dev --include-workspace-root=false --loglevel=error \
      -w apps/api -w apps/ops -w apps/worker -w packages/core -w packages/db \
    && rm -rf /tmp/npm

FROM manifests AS local-modules
RUN npm ci --omit=dev --include-workspace-root=false --loglevel=error -w packages/local -w packages/painter && rm -rf /tmp/npm

FROM base AS runtime
ENV NODE_ENV=production \
    LD_PRELOAD=/usr/local/lib/libjemalloc.so.2 \
    HOST=0.0.0.0 \
    PORT=8080 \
    METRICS_PORT=9464
EXPOSE 8080 9464
COPY package.json ./
COPY deploy/docker deploy/docker
USER 1000:1000
# It only writes to /tmp: run it with --read-only --tmpfs /tmp.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "deploy/docker/health.mjs"]
ENTRYPOINT ["node", "deploy/docker/start.mjs"]

FROM runtime AS local
COPY --from=local-modules /app/ ./
COPY packages/local packages/local
COPY packages/painter packages/painter
# A volume; created here so that it belongs to the user.
USER 0
RUN mkdir .local && chown 1000:1000 .local
USER 1000:1000
VOLUME /app/.local
CMD ["stand-ins"]

FROM runtime AS product
COPY --from=product-modules /app/ ./
COPY migrations migrations
COPY packages/core packages/core
COPY packages/db packages/db
COPY apps/worker apps/worker
COPY apps/ops apps/ops
COPY apps/api apps/api
CMD ["api"]
