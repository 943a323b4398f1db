import { isTerminal, type Job } from '@darkroom/core/job/job';
import type { Hint, Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Changes } from '@darkroom/db/changes/changes';
import type { Database } from '@darkroom/db/database';
import { createChangePoller } from './poller.ts';

/** Receives the states of what it follows in rising order of version. */
export interface Follower {
  /**
   * `position` is a database time from which a later stream can resume without a gap; empty when following one job.
   * `balance` is the user's credits, if they were read together with the end of the job.
   */
  changed(job: Job, position: string, balance?: number): void;
  /** Only the end of the job must arrive at once; earlier states may arrive up to a second later. */
  readonly endOnly?: boolean;
  /** No more calls follow: the job is gone, or the process is stopping. */
  ended(): void;
}

/** A user's jobs at one moment of the database. */
export interface UserSnapshot {
  userId: string;
  /** Unfinished jobs, and those that ended since the position the client resumed from. */
  jobs: readonly Job[];
  position: string;
}

/**
 * Job changes for every stream and every waiting request of this process. The rows are the truth: one call a second reads
 * the versions of all followed jobs. Hints from other processes only make it poll sooner. Without followers it does not poll.
 */
export interface ChangeFeed {
  /** Follows one job from the state the follower has. Returns a function that unfollows. */
  followJob(job: Job, follower: Follower): () => void;
  /** Follows all jobs of a user from the state the follower has. Returns a function that unfollows. */
  followUser(snapshot: UserSnapshot, follower: Follower): () => void;
  /** Passes a state that this process has just read or written to its followers, which saves a poll. */
  apply(job: Job): void;
  /** Current number of followers. */
  readonly size: number;
  /** True if no more followers should be added: the process has as many as it can serve, or the feed is closed. */
  readonly isFull: boolean;
  /** Ends all followers and accepts no more. Idempotent. */
  close(): void;
}

interface FollowedUser {
  /** Database time of the latest complete poll. */
  since: string;
  followers: Set<Follower>;
  /** Ids of the user's jobs in `known`. */
  jobs: Set<string>;
}

/** How long an ended job stays known, in milliseconds. Until then a repeated read of it is not reported as news. */
const rememberMs = 60_000;

/** `everyMs` is the interval between complete polls in milliseconds. */
export function createChangeFeed(deps: {
  db: Pick<Database, 'listChanges'>;
  hints: Hints;
  log: Log;
  everyMs?: number;
  maxFollowers?: number;
}): ChangeFeed {
  const { db, hints, log, everyMs, maxFollowers = 5_000 } = deps;
  /** The newest state of each followed job, by id. */
  const known = new Map<string, Job>();
  const jobFollowers = new Map<string, Set<Follower>>();
  const users = new Map<string, FollowedUser>();
  const hinted = new Set<string>();
  let size = 0;
  let closed = false;

  const poller = createChangePoller({ pollAll, pollHinted, log, everyMs });
  const unsubscribe = hints.subscribe((hint) => {
    if (!isWanted(hint)) return;
    hinted.add(hint.jobId);
    poller.pollSoon();
  });

  return {
    get size() {
      return size;
    },
    get isFull() {
      return closed || size >= maxFollowers;
    },
    followJob(job, follower) {
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
    followUser({ userId, jobs, position }, follower) {
      return follow(follower, () => {
        const user = users.get(userId) ?? { since: position, followers: new Set(), jobs: new Set() };
        users.set(userId, user);
        for (const job of jobs) publish(job);
        user.followers.add(follower);
        sendNewer(follower, { userId, jobs, position }, user);
        return () => {
          user.followers.delete(follower);
          if (user.followers.size === 0) users.delete(userId);
          for (const jobId of user.jobs) forget(jobId);
        };
      });
    },
    apply,
    close() {
      if (closed) return;
      closed = true;
      unsubscribe();
      poller.stop();
      const all = [...jobFollowers.values(), ...[...users.values()].map((user) => user.followers)];
      for (const follower of all.flatMap((followers) => [...followers])) follower.ended();
    },
  };

  /** Whether the hint may be news to a follower that needs it at once. */
  function isWanted({ jobId, userId, version, isInterim }: Hint): boolean {
    const job = known.get(jobId);
    if (!job) return userId !== undefined && users.has(userId);
    if (isTerminal(job.status) || (version !== undefined && version <= job.version)) return false;
    if (!isInterim || users.has(job.user_id)) return true;
    return [...(jobFollowers.get(jobId) ?? [])].some(({ endOnly }) => !endOnly);
  }

  function follow(follower: Follower, begin: () => () => void): () => void {
    if (closed) {
      follower.ended();
      return () => undefined;
    }
    size += 1;
    const end = begin();
    poller.start();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      size -= 1;
      end();
      if (size === 0) poller.pause();
    };
  }

  /** Sends what this process has read since the follower took its snapshot. */
  function sendNewer(follower: Follower, { jobs, position }: UserSnapshot, user: FollowedUser): void {
    const seen = new Map(jobs.map(({ id, version }) => [id, version]));
    const readAt = Date.parse(position);
    for (const id of user.jobs) {
      const job = known.get(id);
      if (!job || job.version <= (seen.get(id) ?? 0)) continue;
      const hadEnded = !seen.has(id) && isTerminal(job.status) && endedAt(job) < readAt;
      if (!hadEnded) follower.changed(job, user.since);
    }
  }

  function publish(job: Job, balance?: number): void {
    const user = users.get(job.user_id);
    user?.jobs.add(job.id);
    const before = known.get(job.id);
    if (before && before.version >= job.version) return;
    known.set(job.id, job);
    // A follower may unfollow while it is called, so iterate over copies.
    for (const follower of [...(jobFollowers.get(job.id) ?? [])]) follower.changed(job, '', balance);
    for (const follower of [...(user?.followers ?? [])]) follower.changed(job, user!.since, balance);
  }

  async function pollAll(): Promise<void> {
    hinted.clear();
    const polled = [...users];
    const changes = await db.listChanges({
      jobs: [...known.values()].map(({ id, version }) => ({ id, version })),
      users: polled.map(([id, { since }]) => ({ id, since })),
    });
    publishChanges(changes);
    // Only now: what was just sent carries the earlier position, so a client that resumes from it misses nothing.
    for (const [, user] of polled) if (user.since < changes.now) user.since = changes.now;
    for (const job of known.values()) if (hasLongEnded(job, changes.now)) drop(job);
  }

  async function pollHinted(): Promise<void> {
    const jobs = [...hinted].map((id) => ({ id, version: known.get(id)?.version ?? 0 }));
    hinted.clear();
    if (jobs.length > 0) publishChanges(await db.listChanges({ jobs, users: [] }));
  }

  function apply(job: Job, balance?: number): void {
    if (jobFollowers.has(job.id) || users.has(job.user_id)) publish(job, balance);
  }

  function publishChanges({ jobs, gone, balances }: Changes): void {
    for (const job of jobs) {
      apply(job, isTerminal(job.status) ? balances[job.user_id] : undefined);
    }
    for (const id of gone) {
      for (const follower of [...(jobFollowers.get(id) ?? [])]) follower.ended();
      const job = known.get(id);
      if (job) drop(job);
    }
  }

  function hasLongEnded(job: Job, now: string): boolean {
    return isTerminal(job.status) && !jobFollowers.has(job.id) && Date.parse(now) - endedAt(job) > rememberMs;
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

/** Epoch milliseconds. Rows of the native app may lack `completed_at`. */
function endedAt(job: Job): number {
  return Date.parse(job.completed_at ?? job.updated_at);
}
