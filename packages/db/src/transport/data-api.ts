import { traceFetch } from '@darkroom/core/runtime/trace/instrument';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import { openFastFetch } from './fast-fetch.ts';
import { sendRequest } from './send-request.ts';
import { createServerClient } from './supabase.ts';
import type { Transport } from './transport.ts';

/** Calls SQL functions through Supabase's Data API. */
export function openDataApi(supabaseUrl: string, secretKey: string, tracing: Tracing): Transport {
  const { fetch, close } = openFastFetch();
  const client = createServerClient(supabaseUrl, secretKey, traceFetch(tracing, fetch));
  return {
    send: (name, args, { timeoutMs }) => sendRequest<unknown>(client.rpc(name, args), timeoutMs),
    close,
  };
}
