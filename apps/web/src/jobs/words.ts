import type { JobView } from '@darkroom/client';

/** Where a job stands, in a few words. */
export function statusWords(job: JobView): string {
  switch (job.status) {
    case 'pending':
      return queueWords(job);
    case 'processing':
      return job.stage === 'storing'
        ? 'Fixing the print'
        : job.stage === 'starting'
          ? 'Into the tray'
          : 'Developing';
    case 'completed':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'canceled':
      return 'Canceled';
  }
}

/** What it cost: what came back is said as well. */
export function receiptWords({ receipt }: JobView): string {
  if (!receipt) return '';
  const { charged, refunded, net } = receipt;
  if (refunded === 0) return creditWords(net);
  return net === 0
    ? `${creditWords(refunded)} refunded`
    : `${creditWords(net)}, ${refunded} of ${charged} refunded`;
}

export function creditWords(amount: number): string {
  return `${amount} ${Math.abs(amount) === 1 ? 'credit' : 'credits'}`;
}

/** "Fox with a cup of te…", to name a job by. */
export function shortPrompt({ prompt }: Pick<JobView, 'prompt'>, longest = 60): string {
  const text = prompt?.trim() || 'Image';
  return text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;
}

function queueWords({ queue_position: place, eta_seconds: eta, attempt }: JobView): string {
  const when = eta ? ` · about ${eta < 90 ? `${Math.ceil(eta)} s` : `${Math.round(eta / 60)} min`}` : '';
  if (typeof place !== 'number') return attempt > 0 ? 'Waiting to try again' : 'In the line';
  return place === 0 ? `Next in line${when}` : `${place} ahead in the line${when}`;
}
