import { failures } from '@darkroom/core/job/failure';
import type { Job } from '@darkroom/core/job/job';
import type { WebhookEvent } from '@darkroom/core/job/webhook-events';
import type { AnswerName } from './schemas.ts';

const jobId = '0b9f8d2e-2f55-4a43-9d38-6a8f7d1f6c11';
const promptId = '5d1c9a34-7e0b-4f0e-8d57-0c2f6a1b9e21';
const imageId = 'c2a7e7b0-93c5-4b8e-a7d4-3f1a5e6d8b32';
const userId = 'user_2abCdEfGh';
const earlier = '2026-03-01T09:15:00.120000+00:00';
const later = '2026-03-01T09:15:11.840000+00:00';
const key = `users/${userId}/uploads/6f1d2c.jpg`;
const imageUrl = `https://images.example.com/users/${userId}/jobs/${jobId}/1-9fd2.png`;

const pending: Job = {
  id: jobId,
  user_id: userId,
  status: 'pending',
  progress: 0,
  stage: 'queued',
  version: 1,
  prompt: 'a fox with a cup of tea',
  custom_prompt_id: null,
  input_image_key: null,
  output_image_url: null,
  thumbnail_url: null,
  width: null,
  height: null,
  mime_type: null,
  model_requested: 'gemini-nano-banana-2.1',
  model: null,
  aspect_ratio: '16:9',
  image_size: '1K',
  attempt: 0,
  error_code: null,
  error_message: null,
  receipt: { charged: 3, refunded: 0, net: 3 },
  metadata: { screen: 'home' },
  retry_of: null,
  created_at: earlier,
  started_at: null,
  updated_at: earlier,
  completed_at: null,
  deadline_at: '2026-03-01T09:25:00.120000+00:00',
};

const completed: Job = {
  ...pending,
  status: 'completed',
  progress: 100,
  stage: 'done',
  version: 7,
  output_image_url: imageUrl,
  thumbnail_url: imageUrl.replace('.png', '.webp'),
  width: 1_376,
  height: 768,
  mime_type: 'image/png',
  model: 'gemini-nano-banana-2.1',
  attempt: 1,
  started_at: earlier,
  updated_at: later,
  completed_at: later,
};

const urls = {
  self: `/v1/jobs/${jobId}`,
  events: `/v1/jobs/${jobId}/events`,
  cancel: `/v1/jobs/${jobId}/cancel`,
};
const receipt = { charged: 3, refunded: 0, net: 3 };
const accepted = { job: pending, credits: { balance: 17, charged: 3 } };
const ledgerEntry = {
  id: '1042',
  job_id: jobId,
  kind: 'job_debit',
  amount: -3,
  balance_after: 17,
  reference: `job:${jobId}:debit`,
  reason: null,
  created_at: earlier,
};
const model = {
  id: 'gemini-nano-banana-2.1',
  sizes: ['1K', '2K', '4K'],
  aspect_ratios: ['1:1', '16:9', '9:16'],
  price: { '1K': 3, '2K': 3, '4K': 6 },
  available: true,
  recent_median_seconds: 8.4,
};
const prompt = {
  id: promptId,
  prompt_text: 'a portrait in watercolour',
  title: 'Watercolour',
  thumbnail_url: null,
  secondary_image_url: null,
  created_at: earlier,
};
const image = {
  id: imageId,
  image_url: imageUrl,
  thumbnail_url: completed.thumbnail_url,
  prompt: pending.prompt,
  job_id: jobId,
  width: 1_376,
  height: 768,
  model: 'gemini-nano-banana-2.1',
  created_at: later,
};
const delivery = {
  id: 'msg_2f0c',
  type: 'job.completed',
  url: 'https://app.example.com/hooks/darkroom',
  status: 'delivered',
  attempts: 1,
  next_attempt_at: null,
  last_status: 204,
  last_error: null,
  created_at: later,
  delivered_at: later,
};

/** An example of every response body. */
export const answerExamples: Record<AnswerName, unknown> = {
  Job: completed,
  ShownJob: { ...pending, urls, queue_position: 4, eta_seconds: 21 },
  Receipt: receipt,
  Accepted: accepted,
  Quote: { quote: { price: 3, balance: 20, model: model.id } },
  AcceptedOrQuote: accepted,
  Me: {
    id: userId,
    email: 'ada@example.com',
    credits: 20,
    subscription: {
      status: 'active',
      price_id: 'price_plan',
      current_period_end: '2026-04-01T00:00:00+00:00',
    },
  },
  LedgerEntry: ledgerEntry,
  Model: model,
  Prompt: prompt,
  Image: image,
  Delivery: delivery,
  Upload: {
    key,
    url: `https://account.r2.cloudflarestorage.com/images/${key}?X-Amz-Signature=…`,
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    expires_at: '2026-03-01T09:25:00.000Z',
  },
  JobPage: pageOf(completed),
  LedgerPage: pageOf(ledgerEntry),
  ModelPage: pageOf(model),
  PromptPage: pageOf(prompt),
  ImagePage: pageOf(image),
  DeliveryPage: pageOf(delivery),
  Live: { live: true },
  Ready: { ready: true, checks: { database: 'up', queue: 'up' } },
  Received: { received: true, outcome: 'applied' },
  Problem: {
    type: 'urn:darkroom:problem:not_found',
    title: 'Not found',
    status: 404,
    detail: 'There is no such job.',
    code: 'not_found',
    request_id: '3f0d5c1e-6f0b-4f6e-9a3c-1b2a7d9e0c44',
  },
};

/** An example of every request body. */
export const bodyExamples = {
  JobRequest: {
    prompt: 'a fox with a cup of tea',
    aspect_ratio: '16:9',
    image_size: '1K',
    metadata: { screen: 'home' },
  },
  UploadRequest: { content_type: 'image/jpeg', content_length: 482_113 },
  NewPrompt: { prompt_text: 'a portrait in watercolour', title: 'Watercolour' },
  PromptChanges: { title: null, image_id: imageId },
  ReportedEvent: { type: 'user.created' },
} as const;

export type BodyName = keyof typeof bodyExamples;

const processing: Job = {
  ...pending,
  status: 'processing',
  stage: 'starting',
  version: 2,
  attempt: 1,
  started_at: earlier,
};
const refunded: Job = {
  ...processing,
  version: 6,
  receipt: { charged: 3, refunded: 3, net: 0 },
  updated_at: later,
  completed_at: later,
};

/** An example of every webhook delivery. */
export const webhookExamples: Record<WebhookEvent, { type: WebhookEvent; timestamp: string; data: Job }> = {
  'job.processing': { type: 'job.processing', timestamp: earlier, data: processing },
  'job.completed': { type: 'job.completed', timestamp: later, data: completed },
  'job.failed': {
    type: 'job.failed',
    timestamp: later,
    data: {
      ...refunded,
      status: 'failed',
      error_code: 'content_blocked',
      error_message: failures.content_blocked.message,
    },
  },
  'job.canceled': {
    type: 'job.canceled',
    timestamp: later,
    data: {
      ...refunded,
      status: 'canceled',
      error_code: 'canceled',
      error_message: failures.canceled.message,
    },
  },
};

/** An example of an event stream. */
export const eventExample = `retry: 2100\n\nevent: job\nid: 7\ndata: {"id":"${jobId}","status":"completed", …}\n\n`;

function pageOf(row: unknown) {
  return { data: [row], next_cursor: null };
}
