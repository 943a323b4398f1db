import { DarkroomError } from '@darkroom/client';

/** What went wrong and what to do, for the user. */
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
  network_error: 'Darkroom cannot be reached. Check your connection and try again.',
  timeout: 'Darkroom did not respond in time. Please try again.',
  token_unavailable: 'Your sign-in could not be renewed. Check your connection and try again.',
  unauthenticated: 'Your sign-in has ended. Please sign in again.',
  upload_failed: 'The image could not be uploaded. Please try again.',
  too_many_active_jobs: 'You have reached the limit of images in progress. Wait for one to finish.',
  rate_limited: 'Too many requests. Please wait a moment and try again.',
  service_unavailable: 'Darkroom is busy or restarting. Please try again in a moment.',
  payload_too_large: 'This image is too large. Choose a smaller one.',
};
