import type { ImageModel } from '../../models/model.ts';
import type { Delivery, Queue } from '../../queue/queue.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Log } from '../log/log.ts';
import { describing } from '../log/log.ts';
import type { Tracing } from './tracing.ts';

/** Adds the trace's id to what is told within one, and the job's id to the span at hand. */
export function traceLog(log: Log, tracing: Tracing): Log {
  if (!tracing.enabled) return log;
  return describing((name, fields) => {
    const traceId = tracing.current()?.split('-')[1];
    if (traceId === undefined) return log.fact(name, fields);
    if (typeof fields.job_id === 'string') tracing.note({ 'darkroom.job_id': fields.job_id });
    log.fact(name, { ...fields, trace_id: traceId });
  });
}

/** Every call of a model is a span: which model, how it ended; nothing of what was asked. */
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

/** Every object that is stored is a span. */
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
 * Deliveries that are made outside of any trace, as the sweeper's are, carry on the one that their job was made in.
 * `tracesOf` tells it by job id; what it cannot tell is delivered all the same.
 */
export function traceDeliveries(
  queue: Queue,
  tracing: Tracing,
  tracesOf: (jobIds: readonly string[]) => Promise<Readonly<Record<string, string>>>,
): Queue {
  if (!tracing.enabled) return queue;
  return {
    ...queue,
    async deliver(deliveries, options) {
      if (tracing.current() !== null || deliveries.length === 0) return queue.deliver(deliveries, options);
      const traces = await tracesOf(deliveries.map(({ jobId }) => jobId)).catch(() => ({}));
      return queue.deliver(deliveries.map(withTrace(traces)), options);
    },
  };
}

function withTrace(traces: Readonly<Record<string, string>>) {
  return <D extends Delivery>(delivery: D): D => {
    const trace = traces[delivery.jobId];
    return trace === undefined ? delivery : { ...delivery, trace };
  };
}

/** The server's requests to the Data API are spans, and name the trace they belong to; the rows made by them keep it. */
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

/** The function or table that is asked; no argument of it. */
function operationOf(input: Parameters<typeof globalThis.fetch>[0]): string {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return pathname.split('/').at(-1) ?? '';
}
