import type { Handler, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { describeApi } from '../../openapi/describe-api.ts';
import { docsPage } from '../../openapi/page.ts';
import { documentCaching } from './show-document.ts';

/** `GET /docs`: the API contract as one self-contained HTML page. */
export function showPage(): Handler<ApiEnv> {
  let page: string | undefined;
  return (c) => {
    page ??= docsPage(describeApi());
    return c.body(page, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': documentCaching,
    });
  };
}

/** Allows the page its inline style. Must run around the middleware that sets the policy of all responses. */
export const docsPolicy: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  c.res.headers.set(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
};
