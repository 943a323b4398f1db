/** A model of the local Gemini. */
export interface LocalModel {
  /** For example `gemini-3-pro-image`. */
  id: string;
  imageSizes: string[];
  aspectRatios: string[];
  /** The format of its images; it differs between the real models, too, and cannot be chosen. */
  mimeType: 'image/png' | 'image/jpeg';
}

const USUAL_RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const ALL_RATIOS = [...USUAL_RATIOS, '1:4', '4:1', '1:8', '8:1'];

/** The models that a new Gemini project can use (November 2026). */
export const DEFAULT_MODELS: LocalModel[] = [
  {
    id: 'gemini-nano-banana-2.1',
    imageSizes: ['1K', '2K', '4K'],
    aspectRatios: ALL_RATIOS,
    mimeType: 'image/png',
  },
  {
    id: 'gemini-3-pro-image',
    imageSizes: ['1K', '2K', '4K'],
    aspectRatios: USUAL_RATIOS,
    mimeType: 'image/jpeg',
  },
  {
    id: 'gemini-3.1-flash-lite-image',
    imageSizes: ['1K'],
    aspectRatios: USUAL_RATIOS,
    mimeType: 'image/png',
  },
];

/** A model as the models endpoint returns it. */
export function describeModel(model: LocalModel) {
  return {
    name: `models/${model.id}`,
    version: '001',
    displayName: model.id,
    description: 'Paints an image of the prompt, on this machine.',
    inputTokenLimit: 65_536,
    outputTokenLimit: 32_768,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}
