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

const address = storable(z.string())
  .max(maxUrlCharacters, `Must have at most ${maxUrlCharacters} characters.`)
  .refine((url) => /^https?:\/\/[^/]/i.test(url) && URL.canParse(url), 'Must be an http(s) address.');

const key = storable(z.string().min(1).max(1_024));

/** An image is named in one of these ways: by its address, by the key of an upload, or as one of the gallery. */
const images = {
  thumbnail_url: address.nullish(),
  thumbnail_key: key.nullish(),
  /** An image of the gallery: its thumbnail is taken. */
  image_id: z.guid('Must be a UUID.').toLowerCase().nullish(),
  secondary_image_url: address.nullish(),
  secondary_image_key: key.nullish(),
};

/** What a prompt is made of. */
export const newPrompt = z
  .strictObject({ prompt_text: promptText, title: title.nullish(), ...images })
  .superRefine(oneImageEach);

/** What is left out stays; null clears. */
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
        message: `Send one of ${group.join(', ')}, not more.`,
      });
    }
  }
}

type ImageFields = { [Field in keyof typeof images]?: string | null | undefined };
