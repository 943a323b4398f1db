import { traceFetch } from '@darkroom/core/runtime/trace/parts';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { PostgrestError } from '@supabase/supabase-js';
import { type Patience, repeatLost, type Transport } from './call.ts';
import { createServerClient } from './client.ts';
import { openLeanFetch } from './fetch.ts';
import { toError } from './outcome.ts';

/** What a builder of supabase-js resolves to. */
interface Answer<Data> {
  data: Data;
  error: PostgrestError | null;
  status: number;
}

interface Request<Data> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer<Data>>;
}

/** Functions called through Supabase's Data API. */
export function openDataApi(supabaseUrl: string, secretKey: string, tracing: Tracing): Transport {
  const { fetch, close } = openLeanFetch();
  const client = createServerClient(supabaseUrl, secretKey, traceFetch(tracing, fetch));
  return {
    send: (name, args, { timeoutMs }) => ask<unknown>(client.rpc(name, args), timeoutMs),
    close,
  };
}

/** Sends requests of any kind that are safe to repeat, and repeats those whose outcome is unknown. */
export function createAsk(usual: Patience): <Data>(request: () => Request<Data>) => Promise<Data> {
  return (request) => repeatLost(() => ask(request(), usual.timeoutMs), usual);
}

const passingStatuses = new Set([0, 502, 503, 504, 520]);

async function ask<Data>(request: Request<Data>, timeoutMs: number): Promise<Data> {
  // A timer of its own, which ends with the answer: those of AbortSignal.timeout go off later all the same.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const { data, error, status } = await request.abortSignal(limit.signal);
    if (error === null) return data;
    throw toError(error, passingStatuses.has(status), status);
  } finally {
    clearTimeout(timer);
  }
}
