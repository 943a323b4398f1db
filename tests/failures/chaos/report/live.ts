import type { Tick } from '../run.ts';

/** One line on how a run stands. */
export function describeTick({ atMs, counts, doing }: Tick): string {
  const at = new Date(atMs).toISOString().slice(11, 19);
  const { accepted, completed, failed, canceled, active } = counts;
  const numbers = `${accepted} accepted, ${completed} completed, ${failed} failed, ${canceled} canceled, ${active} active`;
  return `${at}  ${numbers}  ${doing.join(', ') || 'calm'}`;
}
