import { codePoints, maxPromptCharacters, storable } from '@darkroom/core/job/request';
import { z } from 'zod';

const maxTitleCharacters = 200;
const maxUrlCharacters = 2_048;

const promptText = storable(z.string())
  .refine((text) => text.trim() !== '', 'Must not be blank.')
  .refine(
    (text) => codePoints(text) <= maxPromptCharacters,
    `Must have at most ${maxPromptCharacters} characters.`,
  )
  .meta({ maxLength: maxPromptCharacters, pattern: '\\S' });

const title = storable(z.string())
  .refine(
    (text) => codePoints(text) <= maxTitleCharacters,
    `Must have at most ${maxTitleCharacters} characters.`,
  )
  .meta({ maxLength: maxTitleCharacters });

const imageUrl = storable(z.string())
  .max(maxUrlCharacters, `Must have at most ${maxUrlCharacters} characters.`)
  .refine((url) => /^https?:\/\/[^/]/i.test(url) && URL.canParse(url), 'Must be an http or https URL.');

const key = storable(z.string().min(1).max(1_024));

/** Each image is named by its URL, by the key of an upload or, for the thumbnail, by the id of a gallery image. */
const images = {
  thumbnail_url: imageUrl.nullish(),
  thumbnail_key: key.nullish(),
  /** A gallery image, whose thumbnail is used. */
  image_id: z.guid('Must be a UUID.').toLowerCase().nullish(),
  secondary_image_url: imageUrl.nullish(),
  secondary_image_key: key.nullish(),
};

/** The body of POST /v1/prompts. */
export const newPrompt = z
  .strictObject({ prompt_text: promptText, title: title.nullish(), ...images })
  .superRefine(oneImageEach);

/** The body of PATCH /v1/prompts/{id}. Omitted fields stay; null clears a field. */
export const promptChanges = z
  .strictObject({ prompt_text: promptText.optional(), title: title.nullish(), ...images })
  .superRefine(oneImageEach);

export type PromptChanges = z.output<typeof promptChanges>;

function oneImageEach(prompt: ImageFields, context: z.RefinementCtx): void {
  for (const group of [
    ['thumbnail_url', 'thumbnail_key', 'image_id'],
    ['secondary_image_url', 'secondary_image_key'],
  ] as const) {
    const named = group.filter((field) => prompt[field] !== undefined && prompt[field] !== null);
    for (const field of named.slice(1)) {
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `Send only one of ${group.join(', ')}.`,
      });
    }
  }
}

type ImageFields = { [Field in keyof typeof images]?: string | null | undefined };
