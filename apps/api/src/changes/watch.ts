import { isTerminal, type Job } from '@darkroom/core/job/job';
import type { Hint, Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Changes } from '@darkroom/db/changes/changes';
import type { Database } from '@darkroom/db/database';
import { createLookout } from './poller.ts';

/** Told of every later state of what it follows, in order; it never hears of an older version after a newer one. */
export interface Follower {
  /**
   * `position` is a time from which a later stream can go on without a gap. `balance` is the user's credits, where they
   * were read together with the job's end.
   */
  changed(job: Job, position: string, balance?: number): void;
  /** Content to hear of what comes before the end of its job a second later. */
  readonly endOnly?: boolean;
  /** Nothing more will come: the job is no more, or this process is stopping. */
  ended(): void;
}

/** What a user's jobs were at one moment of the database. */
export interface UserSnapshot {
  userId: string;
  /** Unfinished, and what ended since the position that was resumed from. */
  jobs: readonly Job[];
  position: string;
}

/**
 * The source of changes for everyone in this process who waits for one. The rows are the truth: one call a second reads
 * the versions of all that is followed. Hints from other processes only make it look sooner. Without followers it rests.
 */
export interface Watch {
  /** Follows one job, from the state that the follower has. Returns the end of it. */
  job(job: Job, follower: Follower): () => void;
  /** Follows all of a user's jobs, from the state that the follower has. Returns the end of it. */
  user(snapshot: UserSnapshot, follower: Follower): () => void;
  /** Takes note of a state that was read anyway: those who follow are told, and nobody has to look for it. */
  learn(job: Job): void;
  /** How many follow at the moment. */
  readonly size: number;
  /** Whether it should be asked for no more: as many follow as one process carries, or it is closed. */
  readonly full: boolean;
  /** Ends all followers and follows nothing more. Idempotent. */
  close(): void;
}

interface FollowedUser {
  /** The database's time of the latest complete reading. */
  since: string;
  followers: Set<Follower>;
  /** Jobs of theirs that are known. */
  jobs: Set<string>;
}

/** How long an ended job is remembered, so that it does not look new. */
const rememberMs = 60_000;

export function createWatch(deps: {
  db: Pick<Database, 'listChanges'>;
  hints: Hints;
  log: Log;
  everyMs?: number;
  maxFollowers?: number;
}): Watch {
  const { db, hints, log, everyMs, maxFollowers = 5_000 } = deps;
  /** The newest state of each job that someone follows, by itself or with all of its user's. */
  const known = new Map<string, Job>();
  const jobFollowers = new Map<string, Set<Follower>>();
  const users = new Map<string, FollowedUser>();
  const hinted = new Set<string>();
  let size = 0;
  let closed = false;

  const lookout = createLookout({ lookAtAll, lookAtHinted, log, everyMs });
  const unsubscribe = hints.subscribe((hint) => {
    if (!matters(hint)) return;
    hinted.add(hint.jobId);
    lookout.hurry();
  });

  return {
    get size() {
      return size;
    },
    get full() {
      return closed || size >= maxFollowers;
    },
    job(job, follower) {
      return follow(follower, () => {
        publish(job);
        const followers = jobFollowers.get(job.id) ?? new Set();
        jobFollowers.set(job.id, followers.add(follower));
        const newest = known.get(job.id);
        if (newest && newest.version > job.version) follower.changed(newest, '');
        return () => {
          followers.delete(follower);
          if (followers.size === 0) jobFollowers.delete(job.id);
          forget(job.id);
        };
      });
    },
    user({ userId, jobs, position }, follower) {
      return follow(follower, () => {
        const user = users.get(userId) ?? { since: position, followers: new Set(), jobs: new Set() };
        users.set(userId, user);
        for (const job of jobs) publish(job);
        user.followers.add(follower);
        tellNewer(follower, { userId, jobs, position }, user);
        return () => {
          user.followers.delete(follower);
          if (user.followers.size === 0) users.delete(userId);
          for (const jobId of user.jobs) forget(jobId);
        };
      });
    },
    learn,
    close() {
      if (closed) return;
      closed = true;
      unsubscribe();
      lookout.stop();
      const all = [...jobFollowers.values(), ...[...users.values()].map((user) => user.followers)];
      for (const follower of all.flatMap((followers) => [...followers])) follower.ended();
    },
  };

  /** Whether there may be news for somebody who does not want to wait for it. */
  function matters({ jobId, userId, version, goesOn }: Hint): boolean {
    const job = known.get(jobId);
    if (!job) return userId !== undefined && users.has(userId);
    if (isTerminal(job.status) || (version !== undefined && version <= job.version)) return false;
    if (!goesOn || users.has(job.user_id)) return true;
    return [...(jobFollowers.get(jobId) ?? [])].some(({ endOnly }) => !endOnly);
  }

  function follow(follower: Follower, begin: () => () => void): () => void {
    if (closed) {
      follower.ended();
      return () => undefined;
    }
    size += 1;
    const end = begin();
    lookout.start();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      size -= 1;
      end();
      if (size === 0) lookout.rest();
    };
  }

  /** What this process has learnt between the follower's own reading and now. */
  function tellNewer(follower: Follower, { jobs, position }: UserSnapshot, user: FollowedUser): void {
    const seen = new Map(jobs.map(({ id, version }) => [id, version]));
    const readAt = Date.parse(position);
    for (const id of user.jobs) {
      const job = known.get(id);
      if (!job || job.version <= (seen.get(id) ?? 0)) continue;
      const hadEnded = !seen.has(id) && isTerminal(job.status) && endOf(job) < readAt;
      if (!hadEnded) follower.changed(job, user.since);
    }
  }

  function publish(job: Job, balance?: number): void {
    const user = users.get(job.user_id);
    user?.jobs.add(job.id);
    const before = known.get(job.id);
    if (before && before.version >= job.version) return;
    known.set(job.id, job);
    // An ending may end the following: each set is told as it was.
    for (const follower of [...(jobFollowers.get(job.id) ?? [])]) follower.changed(job, '', balance);
    for (const follower of [...(user?.followers ?? [])]) follower.changed(job, user!.since, balance);
  }

  async function lookAtAll(): Promise<void> {
    hinted.clear();
    const asked = [...users];
    const changes = await db.listChanges({
      jobs: [...known.values()].map(({ id, version }) => ({ id, version })),
      users: asked.map(([id, { since }]) => ({ id, since })),
    });
    take(changes);
    // Only now: what was just told goes with the earlier time, from which nothing of it can be missed.
    for (const [, user] of asked) if (user.since < changes.now) user.since = changes.now;
    for (const job of known.values()) if (hasLongEnded(job, changes.now)) drop(job);
  }

  async function lookAtHinted(): Promise<void> {
    const jobs = [...hinted].map((id) => ({ id, version: known.get(id)?.version ?? 0 }));
    hinted.clear();
    if (jobs.length > 0) take(await db.listChanges({ jobs, users: [] }));
  }

  function learn(job: Job, balance?: number): void {
    if (jobFollowers.has(job.id) || users.has(job.user_id)) publish(job, balance);
  }

  function take({ jobs, gone, balances }: Changes): void {
    for (const job of jobs) {
      learn(job, isTerminal(job.status) ? balances[job.user_id] : undefined);
    }
    for (const id of gone) {
      for (const follower of [...(jobFollowers.get(id) ?? [])]) follower.ended();
      const job = known.get(id);
      if (job) drop(job);
    }
  }

  function hasLongEnded(job: Job, now: string): boolean {
    return isTerminal(job.status) && !jobFollowers.has(job.id) && Date.parse(now) - endOf(job) > rememberMs;
  }

  function forget(jobId: string): void {
    const job = known.get(jobId);
    if (job && !jobFollowers.has(jobId) && !users.get(job.user_id)?.jobs.has(jobId)) known.delete(jobId);
  }

  function drop(job: Job): void {
    known.delete(job.id);
    users.get(job.user_id)?.jobs.delete(job.id);
  }
}

/** In milliseconds. Rows of the native app may have no time of their end. */
function endOf(job: Job): number {
  return Date.parse(job.completed_at ?? job.updated_at);
}
