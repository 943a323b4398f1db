import type { Log } from '@darkroom/core/runtime/log/log';
import { ProblemError } from '../../problem/problem.ts';

/** Said until the secret is set, so that the sender keeps the event and sends it again. */
export function notConfigured(variable: string): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail: `This webhook is not set up here: ${variable} is missing.`,
    headers: { 'Retry-After': '60' },
  });
}

/** Tells the operator why, and the sender only that. */
export function badSignature(log: Log, source: 'clerk' | 'stripe', error: unknown): ProblemError {
  log.fact('webhook_rejected', { source, reason: error instanceof Error ? error.message : String(error) });
  return new ProblemError({
    code: 'invalid_signature',
    detail: 'The signature does not fit the body and the secret, or is older than five minutes.',
  });
}
