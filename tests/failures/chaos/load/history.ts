import { isTerminal, type Job } from '@darkroom/core/job/job';
import type { JobRequest } from './request.ts';

/** One request for a job, from the moment its client made up its key. */
export interface Intent {
  key: string;
  /** In the prompt, and nowhere else. */
  tag: string;
  userId: string;
  token: string;
  request: JobRequest;
  /** When it was first sent, in milliseconds of the run. */
  at: number;
  /** `unknown` until an answer arrives: the job may exist all the same. */
  outcome: 'unknown' | 'accepted' | 'refused';
  jobId: string | null;
  /** A cancel was answered with 200. */
  canceled: boolean;
}

/** What clients have seen of a job. */
export interface Sighting {
  job: Job;
  /** When it was first seen in a terminal state, in milliseconds of the run; null while it is not. */
  endedAt: number | null;
}

/** All that clients know. What contradicts itself is noted as a complaint. */
export interface History {
  readonly intents: readonly Intent[];
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly complaints: readonly string[];
  /** How many requests were accepted. */
  readonly accepted: number;
  intend(intent: Omit<Intent, 'at' | 'outcome' | 'jobId' | 'canceled'>): Intent;
  accept(intent: Intent, job: Job): void;
  /** `wasAccepted`: it had been already when this request was sent. */
  refuse(intent: Intent, options: { wasAccepted: boolean }): void;
  /** Opens a reading of jobs: what is then read must be no older than what is known now. Others are passed over. */
  look(jobIds: readonly string[]): (job: Job) => void;
  /** Whether the job of this request is known to have ended. */
  isOver(intent: Intent): boolean;
  complain(complaint: string): void;
  counts(): Record<'accepted' | 'unknown' | 'completed' | 'failed' | 'canceled' | 'active', number>;
}

/** `now` is in milliseconds since the run began. */
export function createHistory({ now }: { now: () => number }): History {
  const intents: Intent[] = [];
  const sightings = new Map<string, Sighting>();
  const complaints: string[] = [];
  let accepted = 0;
  const complain = (complaint: string) => void complaints.push(complaint);

  function see(job: Job, known: Sighting | undefined): void {
    if (known) for (const problem of contradictions(known.job, job)) complain(`job ${job.id}: ${problem}`);
    const latest = sightings.get(job.id);
    if (latest && latest.job.version >= job.version) return;
    const endedAt = latest?.endedAt ?? (isTerminal(job.status) ? now() : null);
    sightings.set(job.id, { job, endedAt });
  }

  return {
    intents,
    sightings,
    complaints,
    get accepted() {
      return accepted;
    },
    complain,
    intend(intent) {
      const made: Intent = { ...intent, at: now(), outcome: 'unknown', jobId: null, canceled: false };
      intents.push(made);
      return made;
    },
    accept(intent, job) {
      if (intent.jobId !== null && intent.jobId !== job.id) {
        complain(`key ${intent.key} was answered with two jobs: ${intent.jobId} and ${job.id}`);
      }
      if (job.prompt !== intent.request.body.prompt)
        complain(`job ${job.id} has the prompt of another request`);
      if (intent.outcome !== 'accepted') accepted += 1;
      intent.outcome = 'accepted';
      intent.jobId = job.id;
      see(job, undefined);
    },
    refuse(intent, { wasAccepted }) {
      if (wasAccepted) complain(`job ${intent.jobId} was accepted, and its replay refused`);
      if (intent.outcome === 'unknown') intent.outcome = 'refused';
    },
    look(jobIds) {
      const known = new Map(jobIds.map((id) => [id, sightings.get(id)]));
      return (job) => {
        if (known.has(job.id)) see(job, known.get(job.id));
      };
    },
    isOver: ({ jobId }) => jobId !== null && typeof sightings.get(jobId)?.endedAt === 'number',
    counts() {
      const seen = [...sightings.values()].map(({ job }) => job.status);
      const having = (status: Job['status']) => seen.filter((one) => one === status).length;
      const ended = {
        completed: having('completed'),
        failed: having('failed'),
        canceled: having('canceled'),
      };
      return {
        accepted,
        unknown: intents.filter(({ outcome }) => outcome === 'unknown').length,
        ...ended,
        active: seen.length - ended.completed - ended.failed - ended.canceled,
      };
    },
  };
}

function contradictions(earlier: Job, later: Job): string[] {
  const problems: string[] = [];
  const say = (what: string, from: unknown, to: unknown) =>
    problems.push(`${what} went from ${from} to ${to}`);
  if (later.version < earlier.version) say('version', earlier.version, later.version);
  if (later.attempt < earlier.attempt) say('attempt', earlier.attempt, later.attempt);
  if (later.progress < earlier.progress) say('progress', earlier.progress, later.progress);
  if (isTerminal(earlier.status) && JSON.stringify(core(later)) !== JSON.stringify(core(earlier))) {
    say('a terminal job', JSON.stringify(core(earlier)), JSON.stringify(core(later)));
  }
  return problems;
}

function core({ status, version, output_image_url, receipt, error_code, completed_at }: Job) {
  return { status, version, output_image_url, receipt, error_code, completed_at };
}
