import { randomUUID } from 'node:crypto';
import { operations, problemsOf } from '@darkroom/api/openapi/operations';
import { answers, problem } from '@darkroom/api/openapi/schemas';
import { type ProblemCode, problems } from '@darkroom/api/problem/problem';
import { expect } from 'vitest';

export interface Sent {
  id?: string;
  query?: string;
  headers?: Record<string, string>;
  /** As it is where it is a string, else as JSON. */
  body?: unknown;
  /** Null: none. */
  token?: string | null;
  /** Of another process than the first. */
  url?: string;
}

/** Holds every answer against the contract, and remembers what was met. */
export function openContract(api: { url: string; token: string }) {
  /** As `operation status`. */
  const met = new Set<string>();
  const metProblems = new Set<ProblemCode>();

  /** Sends one call and holds the answer against the contract; of a stream, its beginning. */
  async function call(operationId: string, sent: Sent = {}) {
    const operation = operations.find(({ id }) => id === operationId)!;
    const { token = api.token, url = api.url, body } = sent;
    const abort = new AbortController();
    const path = operation.path.replace('{id}', encodeURIComponent(sent.id ?? randomUUID()));
    const response = await fetch(`${url}${path}${sent.query ? `?${sent.query}` : ''}`, {
      method: operation.method.toUpperCase(),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      signal: abort.signal,
    });
    const { status, headers } = response;
    met.add(`${operationId} ${status}`);
    const type = headers.get('content-type') ?? '';
    const said = `${operationId} ${JSON.stringify(sent).slice(0, 2_000)} was answered ${status}`;

    if (type.startsWith('text/event-stream')) {
      expect(operation.answers[status]?.body, said).toBe('events');
      abort.abort();
      return { status, headers, body: null };
    }
    const text = await response.text();
    expect(text, said).not.toMatch(/\bat .+:\d+:\d+|node_modules|\.ts:\d/);
    if (type.startsWith('application/problem+json')) {
      const told = JSON.parse(text);
      expect(problem.parse(told), said).toEqual(told);
      expect(problemsOf(operation), said).toContain(told.code);
      expect(problems[told.code as ProblemCode].status, said).toBe(status);
      metProblems.add(told.code);
      return { status, headers, body: told };
    }
    const answer = operation.answers[status];
    expect(answer, `${said}: ${text.slice(0, 500)}`).toBeDefined();
    for (const header of answer!.headers ?? []) {
      // The others depend on what was asked.
      if (header === 'ETag' || (header === 'Location' && status === 202)) {
        expect(headers.has(header), said).toBe(true);
      }
    }
    if (answer!.body === undefined || answer!.body === 'events') {
      expect(text, said).toBe('');
      return { status, headers, body: null };
    }
    const told = JSON.parse(text);
    // What the schema does not name would be missing from what it reads.
    expect(answers[answer!.body].parse(told), said).toEqual(told);
    return { status, headers, body: told };
  }

  return { call, met, metProblems };
}

export type Contract = ReturnType<typeof openContract>;
