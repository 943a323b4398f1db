/** What says something about the model, and not about what was asked of it. */
const faults = new Set([
  'model_unavailable',
  'rate_limited',
  'provider_unavailable',
  'provider_misconfigured',
]);

/**
 * Whether a model has been answering, by the codes of its latest calls, newest first. One that nobody has called lately
 * is thought to answer: to ask is the only way to know.
 */
export function hasBeenAnswering(latest: readonly string[]): boolean {
  if (latest[0] === 'model_unavailable') return false;
  return latest.length < 3 || latest.some((code) => !faults.has(code));
}
