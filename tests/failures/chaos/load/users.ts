import { setTimeout as sleep } from 'node:timers/promises';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import type { Random } from '../random.ts';
import { createClient, type User } from './client.ts';
import type { History, Intent } from './history.ts';
import { drawRequest } from './request.ts';

export interface UsersOptions {
  apis: () => readonly string[];
  clerkFolder: string;
  history: History;
  random: Random;
  /** Users at a time. Whoever runs out of credits makes room for the next. */
  users: number;
  /** Jobs that one user has under way at a time. */
  jobsEach: number;
  /** Nobody asks for more once so many jobs were accepted. */
  atMost: number;
  /** Begins the ids of these users, so that no two runs share one. */
  name: string;
}

/** One user's time here. */
interface Session {
  user: User;
  intents: Intent[];
  left: AbortController;
}

export interface RunningUsers {
  /** Nobody asks for anything any more; resolves when all have left. */
  leave(): Promise<void>;
}

/**
 * Many users who ask for images, watch them come, and do what users do: send twice, hang up before the answer,
 * cancel. How often each happens is drawn.
 */
export async function startUsers(options: UsersOptions): Promise<RunningUsers> {
  const { apis, history, random, users, jobsEach, atMost, name } = options;
  const keys = await loadKeys(options.clerkFolder);
  const leaving = new AbortController();
  const { signal } = leaving;
  const client = createClient({ apis, history, random, signal });
  let lastUser = 0;
  let requests = 0;

  const isEnough = () => signal.aborted || history.accepted >= atMost;

  async function runUsers(): Promise<void> {
    while (!isEnough()) {
      const userId = `user_local_${name}x${++lastUser}`;
      const token = await mintToken(keys, { userId, issuer: ISSUER, expiresInSeconds: 6 * 3_600 });
      const session: Session = { user: { userId, token }, intents: [], left: new AbortController() };
      void watch(session);
      await Promise.all(Array.from({ length: jobsEach }, () => submitJobs(session)));
      session.left.abort();
    }
  }

  async function submitJobs({ user, intents }: Session): Promise<void> {
    while (!isEnough()) {
      await pause(random.between(0, 1_500));
      const tag = `#${name}-${++requests}#`;
      const intent = history.intend({
        ...user,
        key: `key-${name}-${requests}`,
        tag,
        request: drawRequest(random, tag),
      });
      intents.push(intent);
      if (random.chance(0.06)) await client.submitAndHangUp(intent, random.between(3, 60));
      if (random.chance(0.06)) void client.submit(intent);
      if ((await client.submit(intent)) === 'out_of_credits') return;
      if (intent.outcome === 'accepted') await follow(intent);
    }
  }

  async function follow(intent: Intent): Promise<void> {
    if (random.chance(0.08)) void cancelLater(intent);
    while (!signal.aborted && !history.isOver(intent)) {
      await pause(random.between(500, 1_000));
      if (random.chance(0.1)) await client.read(intent);
    }
    if (random.chance(0.05)) await client.submit(intent);
  }

  /** As an app does: one list for all the jobs on the screen. */
  async function watch({ user, intents, left }: Session): Promise<void> {
    while (!signal.aborted && !left.signal.aborted) {
      await pause(random.between(1_500, 4_000));
      if (!intents.every((intent) => history.isOver(intent))) await client.readAll(user, intents);
    }
  }

  async function cancelLater(intent: Intent): Promise<void> {
    await pause(random.between(0, 2_500));
    await client.cancel(intent);
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  const loops = Array.from({ length: users }, () => runUsers());
  return {
    async leave() {
      leaving.abort();
      await Promise.all(loops);
    },
  };
}
