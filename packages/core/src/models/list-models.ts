/** The result of listing the models with an API key. */
export type ModelListing =
  | { kind: 'listed'; models: string[] }
  /** The service answered and rejected the key. */
  | { kind: 'refused'; cause: string }
  | { kind: 'unreachable'; cause: string };

const mostPages = 20;

/**
 * Lists the models that the key may use. Costs nothing and never throws.
 * @param options.timeoutMs limit for all pages together
 */
export async function listModels(options: {
  apiKey: string;
  baseUrl?: string;
  apiVersion?: string;
  timeoutMs: number;
  fetch?: typeof globalThis.fetch;
}): Promise<ModelListing> {
  const { apiKey, baseUrl = 'https://generativelanguage.googleapis.com', apiVersion = 'v1beta' } = options;
  const { fetch = globalThis.fetch } = options;
  const signal = AbortSignal.timeout(options.timeoutMs);
  const models: string[] = [];
  let pageToken = '';
  try {
    for (let page = 0; page < mostPages; page += 1) {
      const url = new URL(`${baseUrl}/${apiVersion}/models`);
      url.searchParams.set('pageSize', '1000');
      if (pageToken) url.searchParams.set('pageToken', pageToken);
      const response = await fetch(url, { headers: { 'x-goog-api-key': apiKey }, signal });
      const body = (await response.json().catch(() => ({}))) as Body;
      if (!response.ok) return refusal(response.status, body);
      for (const { name = '' } of body.models ?? []) models.push(name.replace(/^models\//, ''));
      pageToken = body.nextPageToken ?? '';
      if (!pageToken) break;
    }
    return { kind: 'listed', models };
  } catch (error) {
    const { message, cause } = error as Error;
    return { kind: 'unreachable', cause: cause instanceof Error ? cause.message : message };
  }
}

interface Body {
  models?: { name?: string }[];
  nextPageToken?: string;
  error?: { status?: string; message?: string };
}

function refusal(status: number, body: Body): ModelListing {
  const cause = [status, body.error?.status, body.error?.message].filter(Boolean).join(' ');
  return { kind: [400, 401, 403].includes(status) ? 'refused' : 'unreachable', cause };
}
