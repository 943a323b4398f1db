import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@darkroom/core/job/job';
import type { Random } from '../random.ts';
import type { History, Intent } from './history.ts';

/** How one request for a job ended for its client. */
export type Submitted = 'accepted' | 'out_of_credits' | 'unknown';

/** An app's client: patient, keeps its key, and believes only answers that arrive. */
export interface Client {
  /** Sends until there is an answer, always with the same key. `unknown` when told to stop before. */
  submit(intent: Intent): Promise<Submitted>;
  /** One reading; null when none got through. */
  read(intent: Intent): Promise<Job | null>;
  /** One reading of all the jobs of a user that are asked for, by the user's list. */
  readAll(user: User, intents: readonly Intent[]): Promise<void>;
  /** Tries until there is an answer. True: canceled; false: it had ended before; null: told to stop. */
  cancel(intent: Intent): Promise<boolean | null>;
  /** Sends a request and hangs up before the answer can be read. */
  submitAndHangUp(intent: Intent, afterMs: number): Promise<void>;
}

export interface User {
  userId: string;
  token: string;
}

interface Reply {
  status: number;
  retryAfterMs: number;
  body: any;
}

const answerWithinMs = 20_000;

/** `apis` are the addresses at this moment; every request goes to one of them by chance. */
export function createClient(deps: {
  apis: () => readonly string[];
  history: History;
  random: Random;
  /** Aborts when nobody is interested any more. */
  signal: AbortSignal;
}): Client {
  const { apis, history, random, signal } = deps;

  async function ask(
    { token }: User,
    method: string,
    path: string,
    init: RequestInit = {},
  ): Promise<Reply | null> {
    const [api] = random.shuffle(apis());
    if (!api) return null;
    const limits = [AbortSignal.timeout(answerWithinMs), signal, ...(init.signal ? [init.signal] : [])];
    try {
      const response = await fetch(`${api}${path}`, {
        method,
        body: init.body,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
        signal: AbortSignal.any(limits),
      });
      const retryAfterMs = 1_000 * Number(response.headers.get('retry-after') ?? 1);
      return { status: response.status, retryAfterMs, body: await response.json() };
    } catch {
      return null;
    }
  }

  function post(intent: Intent, init: RequestInit = {}): Promise<Reply | null> {
    return ask(intent, 'POST', '/v1/jobs', {
      ...init,
      body: JSON.stringify(intent.request.body),
      headers: { 'content-type': 'application/json', 'idempotency-key': intent.key },
    });
  }

  /**
   * Whether it is worth trying again, and waits until it is: as long as the answer says, else for about a second.
   * Anything unforeseen is a complaint.
   */
  async function isWorthRepeating(reply: Reply | null, doing: string): Promise<boolean> {
    if (reply === null || reply.status === 503 || reply.status === 429) {
      await pause((reply?.retryAfterMs ?? 1_000) * (0.5 + random.next()));
      return true;
    }
    history.complain(`${doing} was answered with ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.status >= 500;
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  return {
    async submit(intent) {
      while (!signal.aborted) {
        const wasAccepted = intent.outcome === 'accepted';
        const reply = await post(intent);
        if (reply?.status === 200 || reply?.status === 202) {
          history.accept(intent, reply.body.job);
          return 'accepted';
        }
        if (reply?.status === 402) {
          history.refuse(intent, { wasAccepted });
          return 'out_of_credits';
        }
        if (!(await isWorthRepeating(reply, `POST /v1/jobs with key ${intent.key}`))) return 'unknown';
      }
      return 'unknown';
    },

    async read(intent) {
      const see = history.look([intent.jobId!]);
      const reply = await ask(intent, 'GET', `/v1/jobs/${intent.jobId}`);
      if (reply?.status !== 200) {
        await isWorthRepeating(reply, `GET /v1/jobs/${intent.jobId}`);
        return null;
      }
      see(reply.body);
      return reply.body;
    },

    async readAll(user, intents) {
      const see = history.look(intents.flatMap(({ jobId }) => jobId ?? []));
      const reply = await ask(user, 'GET', '/v1/jobs?limit=100');
      if (reply?.status === 200) for (const job of reply.body.data as Job[]) see(job);
      else await isWorthRepeating(reply, 'GET /v1/jobs');
    },

    async cancel(intent) {
      while (!signal.aborted) {
        const see = history.look([intent.jobId!]);
        const reply = await ask(intent, 'POST', `/v1/jobs/${intent.jobId}/cancel`);
        if (reply?.status === 200) {
          see(reply.body);
          intent.canceled = true;
          return true;
        }
        if (reply?.status === 409) return false;
        if (!(await isWorthRepeating(reply, `cancel of ${intent.jobId}`))) return null;
      }
      return null;
    },

    async submitAndHangUp(intent, afterMs) {
      await post(intent, { signal: AbortSignal.timeout(afterMs) });
    },
  };
}
