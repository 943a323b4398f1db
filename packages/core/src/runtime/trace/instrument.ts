import type { ImageModel } from '../../models/model.ts';
import type { Delivery, Queue } from '../../queue/queue.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Log } from '../log/log.ts';
import { createFactLog } from '../log/log.ts';
import type { Tracing } from './tracing.ts';

/** Adds the id of the current trace to each fact, and the fact's job id to the current span. */
export function traceLog(log: Log, tracing: Tracing): Log {
  if (!tracing.enabled) return log;
  return createFactLog((name, fields) => {
    const traceId = tracing.current()?.split('-')[1];
    if (traceId === undefined) return log.fact(name, fields);
    if (typeof fields.job_id === 'string') tracing.annotate({ 'darkroom.job_id': fields.job_id });
    log.fact(name, { ...fields, trace_id: traceId });
  });
}

/** Records a span for every model call, with the model and the result; nothing of the request's content. */
export function traceModel(model: ImageModel, tracing: Tracing): ImageModel {
  if (!tracing.enabled) return model;
  return {
    generate: (request, options) =>
      tracing.span(
        'model call',
        { kind: 'client', attributes: { 'gen_ai.request.model': request.model } },
        async (span) => {
          const answer = await model.generate(request, options);
          span.set({ 'darkroom.code': answer.ok ? 'ok' : answer.failure.code });
          if (!answer.ok) span.fail(answer.failure.code);
          return answer;
        },
      ),
  };
}

/** Records a span for every object that is stored. */
export function traceStorage(storage: Storage, tracing: Tracing): Storage {
  if (!tracing.enabled) return storage;
  return {
    ...storage,
    put: (key, object, options) =>
      tracing.span('store', { kind: 'client', attributes: { 'darkroom.bytes': object.bytes.length } }, () =>
        storage.put(key, object, options),
      ),
  };
}

/**
 * Lets deliveries that are enqueued outside of any trace, such as the sweeper's, continue the trace in which their job was
 * created. `tracesOf` returns that trace by job id; deliveries without one are enqueued without.
 */
export function traceDeliveries(
  queue: Queue,
  tracing: Tracing,
  tracesOf: (jobIds: readonly string[]) => Promise<Readonly<Record<string, string>>>,
): Queue {
  if (!tracing.enabled) return queue;
  return {
    ...queue,
    async enqueue(deliveries, options) {
      if (tracing.current() !== null || deliveries.length === 0) return queue.enqueue(deliveries, options);
      const traces = await tracesOf(deliveries.map(({ jobId }) => jobId)).catch(() => ({}));
      return queue.enqueue(deliveries.map(withTrace(traces)), options);
    },
  };
}

function withTrace(traces: Readonly<Record<string, string>>) {
  return <D extends Delivery>(delivery: D): D => {
    const trace = traces[delivery.jobId];
    return trace === undefined ? delivery : { ...delivery, trace };
  };
}

/**
 * Records a span for every request to the Data API and sends the current trace in a header, which the database stores in the
 * rows that the request creates.
 */
export function traceFetch(tracing: Tracing, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  if (!tracing.enabled) return fetch;
  return (input, init) => {
    const trace = tracing.current();
    if (trace === null) return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set('x-darkroom-trace', trace);
    return tracing.span(`database ${operationOf(input)}`, { kind: 'client' }, () =>
      fetch(input, { ...init, headers }),
    );
  };
}

/** The name of the function or table, without any arguments. */
function operationOf(input: Parameters<typeof globalThis.fetch>[0]): string {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return pathname.split('/').at(-1) ?? '';
}
