/** The fields of a job that the demo shows. */
export interface DemoJob {
  id: string;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'canceled';
  stage: string;
  progress: number;
  version: number;
  model: string | null;
  error_code: string | null;
  error_message: string | null;
  output_image_url: string | null;
  width: number | null;
  height: number | null;
  receipt: { charged: number; refunded: number; net: number };
}

export interface LedgerRow {
  kind: string;
  amount: number;
  balance_after: number;
  job_id: string | null;
  reason: string | null;
}

/** The API calls of one user. A refused call throws with the API's message. */
export function createClient(api: string, token: string) {
  async function call<Answer>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as Answer & { title?: string; detail?: string };
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${answer.title ?? ''} ${answer.detail ?? ''}`);
    }
    return answer as Answer;
  }

  return {
    me: () => call<{ id: string; credits: number }>('GET', '/v1/me'),
    submit: (input: object) =>
      call<{ job: DemoJob }>('POST', '/v1/jobs', input, { 'idempotency-key': crypto.randomUUID() }),
    job: (id: string) => call<DemoJob>('GET', `/v1/jobs/${id}`),
    cancel: (id: string) => call<DemoJob>('POST', `/v1/jobs/${id}/cancel`),
    ledger: () => call<{ data: LedgerRow[] }>('GET', '/v1/credits/ledger?limit=100'),
  };
}

export type DemoClient = ReturnType<typeof createClient>;
