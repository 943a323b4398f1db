import { z } from 'zod';
import { defaultWebhookEvents, type WebhookEvent, webhookEvents } from './webhook-events.ts';

/** In Unicode code points, which Postgres counts too. */
export const maxPromptCharacters = 4_000;
/** Size limit of the metadata as JSON. */
export const maxMetadataBytes = 2_048;
/** Length limit of the webhook URL. */
export const maxWebhookUrlCharacters = 2_048;
/** Size limit of the metadata as jsonb text, which has spaces and no exponents. The table has the same limit. */
const maxStoredMetadataBytes = 2_560;

/**
 * Validates the request of a client. Rejects unknown fields and sets missing fields to null, except `fallback`, which
 * defaults to true. Does not check whether a model can make the size and ratio; the catalog does.
 */
export const jobRequest = z
  .strictObject({
    prompt: storable(z.string())
      .refine((prompt) => prompt.trim() !== '', 'Must not be blank.')
      .refine(
        (prompt) => codePoints(prompt) <= maxPromptCharacters,
        `Must have at most ${maxPromptCharacters} characters.`,
      )
      .nullish()
      .transform(orNull)
      .meta({
        maxLength: maxPromptCharacters,
        pattern: '\\S',
        description: 'What to draw. Either this or custom_prompt_id.',
      }),
    custom_prompt_id: z
      .guid('Must be a UUID.')
      .toLowerCase()
      .nullish()
      .transform(orNull)
      .meta({ description: 'A saved prompt to draw.' }),
    input_image_key: storable(z.string().min(1).max(1_024))
      .nullish()
      .transform(orNull)
      .meta({ description: 'The key of an upload, or of another image of yours, to start from.' }),
    reference_image_base64: z
      .string()
      .min(1)
      .nullish()
      .transform(orNull)
      .meta({ description: 'The image to start from itself: base64, or a data: URL.' }),
    aspect_ratio: z
      .string()
      .regex(/^\d{1,2}:\d{1,2}$/, 'Must look like 16:9.')
      .nullish()
      .transform(orNull),
    image_size: z
      .string()
      .regex(/^(\d{1,2}K|\d{3,4})$/, 'Must look like 1K.')
      .nullish()
      .transform(orNull),
    model: storable(z.string().min(1).max(100))
      .nullish()
      .transform(orNull)
      .meta({ description: 'One of GET /v1/models.' }),
    fallback: z
      .boolean()
      .nullish()
      .transform((fallback) => fallback ?? true)
      .meta({
        description:
          'Whether other models may serve the image when the requested one cannot. True unless said.',
      }),
    metadata: z
      .custom<Record<string, unknown>>(isPlainObject, 'Must be an object.')
      .refine(
        (metadata) =>
          jsonBytes(metadata) <= maxMetadataBytes && jsonbBytes(metadata) <= maxStoredMetadataBytes,
        {
          message: `Must be at most ${maxMetadataBytes} bytes of JSON.`,
          abort: true,
        },
      )
      .refine(isStorable, 'Must not hold the character U+0000 or half of a surrogate pair.')
      .meta({
        type: 'object',
        description: `Yours: kept with the job. At most ${maxMetadataBytes} bytes of JSON.`,
      })
      .nullish()
      .transform(orNull),
    /** Only the syntax is checked here. The address guard checks whether the URL may be called. */
    webhook_url: z
      .string()
      .max(maxWebhookUrlCharacters)
      .refine((url) => URL.canParse(url), 'Must be a URL.')
      .transform((url) => new URL(url).href)
      .refine(
        (url) => url.length <= maxWebhookUrlCharacters,
        `Must have at most ${maxWebhookUrlCharacters} characters.`,
      )
      .nullish()
      .transform(orNull)
      .meta({ description: 'Where to tell how the job goes.' }),
    webhook_events: z
      .array(z.enum(webhookEvents))
      .min(1)
      .nullish()
      .transform(inOrder)
      .meta({ description: 'What to tell; how the job ends unless said.' }),
  })
  .superRefine((request, context) => {
    const { prompt, custom_prompt_id, input_image_key, reference_image_base64 } = request;
    if (request.webhook_url === null && request.webhook_events !== null) {
      context.addIssue({ code: 'custom', path: ['webhook_events'], message: 'Send webhook_url too.' });
    }
    if (prompt === null && custom_prompt_id === null) {
      context.addIssue({ code: 'custom', path: ['prompt'], message: 'Send prompt or custom_prompt_id.' });
    }
    if (prompt !== null && custom_prompt_id !== null) {
      context.addIssue({
        code: 'custom',
        path: ['custom_prompt_id'],
        message: 'Send either prompt or custom_prompt_id, not both.',
      });
    }
    if (input_image_key !== null && reference_image_base64 !== null) {
      context.addIssue({
        code: 'custom',
        path: ['reference_image_base64'],
        message: 'Send either input_image_key or reference_image_base64, not both.',
      });
    }
  });

export type JobRequest = z.output<typeof jobRequest>;

/** Rejects U+0000 and lone surrogates, which Postgres cannot store in text or jsonb. */
export function storable(text: z.ZodString): z.ZodString {
  return text.refine(isStorable, 'Must not hold the character U+0000 or half of a surrogate pair.');
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (Array.isArray(value)) return value.every(isStorable);
  if (isPlainObject(value)) return Object.entries(value).flat().every(isStorable);
  return true;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The size as JSON; infinite for a value that is nested too deeply to serialize. */
function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** An upper bound for the length of `value::jsonb::text` in bytes. */
function jsonbBytes(value: unknown): number {
  if (typeof value === 'number') return String(value).includes('e') ? 330 : String(value).length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + jsonbBytes(item) + 2, 2);
  if (!isPlainObject(value)) return jsonBytes(value);
  return Object.entries(value).reduce((sum, [key, field]) => sum + jsonBytes(key) + jsonbBytes(field) + 4, 2);
}

/** The length in code points. For a text far above the prompt limit, any number above the limit. */
export function codePoints(text: string): number {
  if (text.length <= maxPromptCharacters) return text.length;
  if (text.length > 2 * maxPromptCharacters) return text.length;
  return [...text].length;
}

/** Removes duplicates and sorts the events; null for the default events. */
function inOrder(asked: WebhookEvent[] | null | undefined): WebhookEvent[] | null {
  if (!asked) return null;
  const events = webhookEvents.filter((event) => asked.includes(event));
  return events.join() === defaultWebhookEvents.join() ? null : events;
}

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}
