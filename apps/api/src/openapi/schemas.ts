import { type Job, jobStages, jobStatuses } from '@darkroom/core/job/job';
import { webhookEvents } from '@darkroom/core/job/webhook-events';
import type { LedgerEntry } from '@darkroom/db/credits/credits';
import type { Image } from '@darkroom/db/images/images';
import type { Prompt } from '@darkroom/db/prompts/prompts';
import type { WebhookDelivery } from '@darkroom/db/webhooks/webhooks';
import { z } from 'zod';
import { type ProblemCode, problems } from '../problem/problem.ts';

/*
 * The response bodies. Any response may gain fields: clients must ignore unknown ones.
 */

const time = z.iso.datetime({ offset: true });
const credits = z.int();
const text = z.string().nullable();

const receipt = z.object({ charged: credits, refunded: credits, net: credits });

export const job = z.object({
  id: z.guid(),
  user_id: z.string(),
  status: z.enum(jobStatuses),
  progress: z.int().min(0).max(100).meta({ description: 'Never decreases.' }),
  stage: z.enum(jobStages).nullable(),
  version: z.int().meta({ description: 'Of two copies of a job, the one with the higher version is newer.' }),
  prompt: text,
  custom_prompt_id: z.guid().nullable(),
  input_image_key: text,
  output_image_url: text,
  thumbnail_url: text,
  width: z.int().nullable(),
  height: z.int().nullable(),
  mime_type: text,
  model_requested: text,
  model: text.meta({ description: 'The model that generated the image.' }),
  aspect_ratio: text,
  image_size: text,
  attempt: z.int(),
  error_code: text,
  error_message: text,
  receipt: receipt.nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  retry_of: z.guid().nullable(),
  created_at: time,
  started_at: time.nullable(),
  updated_at: time,
  completed_at: time.nullable(),
  deadline_at: time.nullable(),
}) satisfies z.ZodType<Job>;

const shownJob = job.extend({
  urls: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
  queue_position: z
    .int()
    .min(1)
    .nullable()
    .optional()
    .meta({ description: 'Position in the queue while pending; 1 is next.' }),
  eta_seconds: z.int().min(1).nullable().optional(),
});

const accepted = z.object({ job, credits: z.object({ balance: credits, charged: credits }) });
const quote = z.object({ quote: z.object({ price: credits, balance: credits, model: z.string() }) });

const me = z.object({
  id: z.string(),
  email: z.string(),
  credits,
  subscription: z
    .object({ status: z.string(), price_id: text, current_period_end: time.nullable() })
    .nullable(),
});

const ledgerEntry = z.object({
  id: z.string(),
  job_id: z.guid().nullable(),
  kind: z.string().meta({
    description:
      'opening, signup, job_debit, job_refund, price_difference, grant, purchase, adjustment or native_app.',
  }),
  amount: credits,
  balance_after: credits,
  reference: z.string(),
  reason: text,
  created_at: time,
}) satisfies z.ZodType<LedgerEntry>;

const model = z.object({
  id: z.string(),
  sizes: z.array(z.string()),
  aspect_ratios: z.array(z.string()),
  price: z.record(z.string(), credits).meta({ description: 'Credits by size.' }),
  available: z.boolean(),
  recent_median_seconds: z.number().nullable(),
});

const prompt = z.object({
  id: z.guid(),
  prompt_text: z.string(),
  title: text,
  thumbnail_url: text,
  secondary_image_url: text,
  created_at: time,
}) satisfies z.ZodType<Prompt>;

const image = z.object({
  id: z.guid(),
  image_url: z.string(),
  thumbnail_url: text,
  prompt: text,
  job_id: z.guid().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  model: text,
  created_at: time,
}) satisfies z.ZodType<Image>;

const delivery = z.object({
  id: z.string(),
  type: z.enum(webhookEvents),
  url: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  next_attempt_at: time.nullable(),
  last_status: z.int().nullable(),
  last_error: text,
  created_at: time,
  delivered_at: time.nullable(),
}) satisfies z.ZodType<WebhookDelivery>;

const upload = z.object({
  key: z.string(),
  url: z.string(),
  method: z.literal('PUT'),
  headers: z.record(z.string(), z.string()).meta({ description: 'Send exactly these headers.' }),
  expires_at: time,
});

const checks = z.object({ database: z.enum(['up', 'down']), queue: z.enum(['up', 'down']) });
const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(codes).meta({ description: 'The meaning of a code never changes.' }),
  request_id: z.string().meta({ description: 'Identifies the request in the log.' }),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  balance: credits.optional(),
  price: credits.optional(),
  limit: z.int().optional(),
  active: z.int().optional(),
  ready: z.boolean().optional(),
  checks: checks.optional(),
});

/** The body of a webhook delivery. */
export const jobEvent = z.object({
  type: z.enum(webhookEvents),
  timestamp: time.meta({ description: 'When the event happened, however late it is sent.' }),
  data: job,
});

/** The response bodies by schema name. */
export const answers = {
  Job: job,
  ShownJob: shownJob,
  Receipt: receipt,
  Accepted: accepted,
  Quote: quote,
  AcceptedOrQuote: z.union([accepted, quote]),
  Me: me,
  LedgerEntry: ledgerEntry,
  Model: model,
  Prompt: prompt,
  Image: image,
  Delivery: delivery,
  Upload: upload,
  JobPage: pageOf(job),
  LedgerPage: pageOf(ledgerEntry),
  ModelPage: pageOf(model),
  PromptPage: pageOf(prompt),
  ImagePage: pageOf(image),
  DeliveryPage: pageOf(delivery),
  Live: z.object({ live: z.literal(true) }),
  Ready: z.object({ ready: z.literal(true), checks }),
  Received: z.object({ received: z.literal(true), outcome: z.string() }),
  Problem: problem,
} satisfies Record<string, z.ZodType>;

export type AnswerName = keyof typeof answers;

function pageOf<Row extends z.ZodType>(row: Row) {
  const next_cursor = z.string().nullable().meta({ description: 'Opaque; null on the last page.' });
  return z.object({ data: z.array(row), next_cursor });
}
