import type { QueueSnapshot } from '@darkroom/db/queue-position/queue-position';

/** What decides a waiting job's turn. */
export interface Turn {
  priority: number;
  run_at_us: number;
}

/** The place of this turn in the line, 1 for the next; exact among the first hundred, within a tenth beyond. */
export function placeOf(turn: Turn, { marks }: Pick<QueueSnapshot, 'marks'>): number {
  let [before, at] = [0, marks.length];
  while (before < at) {
    const middle = (before + at) >> 1;
    const [, priority, runAtUs] = marks[middle]!;
    const isAhead = priority < turn.priority || (priority === turn.priority && runAtUs < turn.run_at_us);
    if (isAhead) before = middle + 1;
    else at = middle;
  }
  const ahead = marks[before - 1]?.[0] ?? 0;
  const next = marks[before]?.[0] ?? ahead + 1;
  return ahead + Math.max(1, Math.ceil((next - ahead) / 2));
}

/**
 * Seconds until the image at this place is ready, a whole number from 1; null when no worker is there or none has
 * ended a run in the last ten minutes, for then nobody can know. It is the wait for a free hand, as fast as the line
 * has been moving less those who go first, and then the usual time of a run.
 */
export function secondsLeft(turn: Turn & { place: number }, snapshot: QueueSnapshot): number | null {
  const { median_ms: usualMs, mean_ms: meanMs, workers } = snapshot;
  if (usualMs === null || meanMs === null || workers === 0) return null;
  const notBeforeMs = (turn.run_at_us - snapshot.now_us) / 1_000;
  const leftMs = Math.max(0, notBeforeMs, startsInMs(turn, meanMs, snapshot)) + usualMs;
  return Math.max(1, Math.round(leftMs / 1_000));
}

/** A line does not stand still, however many go first. */
const slowestShare = 0.1;

function startsInMs(turn: Turn & { place: number }, meanMs: number, snapshot: QueueSnapshot): number {
  const { running_ms: running, ended, span_ms: spanMs, overtaking } = snapshot;
  const runMs = Math.max(1, meanMs);
  // While there is a line every hand is busy, so those in hand are all hands; but at its very beginning they are not.
  const hands = Math.max(1, running.length, Math.floor((ended * runMs) / spanMs));
  const free = hands - running.length;
  if (turn.place <= free) return 0;
  const goFirst = overtaking.reduce((sum, [priority, n]) => (priority < turn.priority ? sum + n : sum), 0);
  const perMs = Math.max((hands / runMs) * slowestShare, hands / runMs - goFirst / spanMs);
  const nextFreeMs = free > 0 ? 0 : Math.min(...running.map((ms) => Math.max(0, runMs - ms)));
  return nextFreeMs + (turn.place - free - 1) / perMs;
}
