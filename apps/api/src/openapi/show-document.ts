import type { Handler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { describeApi } from './document.ts';

/** A release changes it, nothing else. */
export const documentCaching = 'public, max-age=300';

/** `GET /openapi.json`: the contract, for whoever asks. Written once, when it is first asked for. */
export function showDocument(): Handler<ApiEnv> {
  let text: string | undefined;
  return (c) => {
    text ??= JSON.stringify(describeApi());
    return c.body(text, 200, { 'Content-Type': 'application/json', 'Cache-Control': documentCaching });
  };
}
