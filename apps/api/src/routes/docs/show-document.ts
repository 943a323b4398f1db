import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { describeApi } from '../../openapi/describe-api.ts';

/** The document changes with a release only. */
export const documentCaching = 'public, max-age=300';

/** `GET /openapi.json`: the API contract. Built on the first request. */
export function showDocument(): Handler<ApiEnv> {
  let text: string | undefined;
  return (c) => {
    text ??= JSON.stringify(describeApi());
    return c.body(text, 200, { 'Content-Type': 'application/json', 'Cache-Control': documentCaching });
  };
}
