import type { JobView } from '@darkroom/client';

/** The state of a job in a few words. */
export function statusWords(job: JobView): string {
  switch (job.status) {
    case 'pending':
      return queueWords(job);
    case 'processing':
      return job.stage === 'storing' ? 'Saving' : job.stage === 'starting' ? 'Starting' : 'Generating';
    case 'completed':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'canceled':
      return 'Canceled';
  }
}

/** What a job cost, and what was refunded. */
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

/** The beginning of the prompt, as the name of a job. */
export function shortPrompt({ prompt }: Pick<JobView, 'prompt'>, maxLength = 60): string {
  const text = prompt?.trim() || 'Image';
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).trimEnd()}…`;
}

/** Position 1 is the next job. */
function queueWords({ queue_position: position, eta_seconds: eta, attempt }: JobView): string {
  const when = eta ? ` · about ${eta < 90 ? `${Math.ceil(eta)} s` : `${Math.round(eta / 60)} min`}` : '';
  if (typeof position !== 'number') return attempt > 0 ? 'Waiting to retry' : 'In the queue';
  return position <= 1 ? `Next in the queue${when}` : `${position - 1} ahead in the queue${when}`;
}
