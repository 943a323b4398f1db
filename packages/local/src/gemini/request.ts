import { z } from 'zod';
import { invalidArgument } from './google-error.ts';
import type { LocalModel } from './models.ts';

/** The checked parameters of a generateContent call. */
export interface GenerateRequest {
  prompt: string;
  /** Null: the ratio of the input image. */
  aspectRatio: string | null;
  imageSize: string;
  images: { mimeType: string; bytes: Buffer }[];
  seed: number;
  wantsImage: boolean;
  /** Whether a text part may come with the image. */
  wantsText: boolean;
}

const Part = z.looseObject({
  text: z.string().optional(),
  inlineData: z.strictObject({ mimeType: z.string(), data: z.string() }).optional(),
});
const Content = z.strictObject({ role: z.string().optional(), parts: z.array(Part) });

/** Strict where Google is: unknown fields are refused, not ignored. */
const Body = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  safetySettings: z.array(z.looseObject({ category: z.string(), threshold: z.string() })).optional(),
  tools: z.array(z.unknown()).optional(),
  toolConfig: z.unknown().optional(),
  generationConfig: z
    .looseObject({
      responseModalities: z.array(z.enum(['TEXT', 'IMAGE'])).optional(),
      imageConfig: z
        .strictObject({ aspectRatio: z.string().optional(), imageSize: z.string().optional() })
        .optional(),
      candidateCount: z.literal(1).optional(),
      seed: z.number().int().optional(),
    })
    .optional(),
});

/** @throws GoogleError INVALID_ARGUMENT that names the field. */
export function readRequest(body: Buffer, model: LocalModel): GenerateRequest {
  const { contents, generationConfig = {} } = parse(body);
  const parts = contents.flatMap((content) => content.parts);
  const prompt = parts.flatMap((part) => part.text ?? []).join('\n');
  const { responseModalities = ['TEXT', 'IMAGE'], imageConfig = {}, seed = 0 } = generationConfig;
  const { aspectRatio = null, imageSize = '1K' } = imageConfig;
  if (aspectRatio !== null && !model.aspectRatios.includes(aspectRatio)) {
    throw invalidArgument(`aspect_ratio must be one of ${quoted(model.aspectRatios)}.`);
  }
  if (!model.imageSizes.includes(imageSize)) {
    throw invalidArgument(`image_size must be one of ${quoted(model.imageSizes)}.`);
  }
  return {
    prompt,
    aspectRatio,
    imageSize,
    images: parts.flatMap((part) => (part.inlineData ? readImage(part.inlineData) : [])),
    seed,
    wantsImage: responseModalities.includes('IMAGE'),
    wantsText: responseModalities.includes('TEXT'),
  };
}

function parse(body: Buffer): z.infer<typeof Body> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    throw invalidArgument('Invalid JSON payload received.');
  }
  const result = Body.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalidArgument(`Invalid JSON payload received. ${issue?.message} at '${issue?.path.join('.')}'.`);
}

function readImage({ mimeType, data }: { mimeType: string; data: string }): {
  mimeType: string;
  bytes: Buffer;
} {
  if (!/^image\/(png|jpeg|webp|heic|heif)$/.test(mimeType)) {
    throw invalidArgument(`Unsupported MIME type: ${mimeType}`);
  }
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(data)) {
    throw invalidArgument(
      "Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES), Base64 decoding failed.",
    );
  }
  return { mimeType, bytes: Buffer.from(data, 'base64') };
}

function quoted(values: string[]): string {
  return values.map((value) => `'${value}'`).join(', ');
}
