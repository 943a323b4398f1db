import { DarkroomError } from '@darkroom/client';

/** What went wrong, in words for the user. */
export function problemWords(error: unknown): string {
  if (!(error instanceof DarkroomError)) return 'Something went wrong on this page. Please try again.';
  const { code, problem } = error;
  if (code === 'insufficient_credits') {
    return `This image costs ${problem?.price} credits, and you have ${problem?.balance}.`;
  }
  const field = problem?.errors?.[0];
  if (code === 'invalid_request' && field) return field.message;
  return known[code] ?? error.message;
}

const known: Record<string, string> = {
  network_error: 'The darkroom cannot be reached. Check the connection and try again.',
  timeout: 'The darkroom did not answer in time. Please try again.',
  token_unavailable: 'Your sign-in could not be renewed. Check the connection and try again.',
  unauthenticated: 'Your sign-in has ended. Please sign in again.',
  upload_failed: 'The image could not be uploaded. Please try again.',
  too_many_active_jobs: 'You have as many images developing as you may. Wait for one to finish.',
  rate_limited: 'That was a little fast. Please wait a moment.',
  service_unavailable: 'The darkroom is busy or restarting. Please try again in a moment.',
  payload_too_large: 'That image is too large.',
};
