import { createHash } from 'node:crypto';
import type { Fault } from './faults.ts';
import type { LocalModel } from './models.ts';
import type { GenerateRequest } from './request.ts';

export interface Painted {
  bytes: Buffer;
  mimeType: string;
}

interface Part {
  text?: string;
  inlineData?: { mimeType: string; data: string };
  thought?: boolean;
  thoughtSignature?: string;
}

/** The JSON of a 200 answer: a successful call, or one of the faults that Google reports with 200. */
export function composeAnswer(input: {
  model: LocalModel;
  request: GenerateRequest;
  painted: Painted | null;
  fault: Fault | null;
}): object {
  const { model, request, painted, fault } = input;
  switch (fault?.kind) {
    case 'blocked':
      return envelope(input, { promptFeedback: { blockReason: fault.reason ?? 'PROHIBITED_CONTENT' } });
    case 'no_candidates':
      return envelope(input, {});
    case 'finish':
      return candidate(input, [], fault.reason, 'Unable to show the generated image.');
    case 'text_only':
      return candidate(input, [{ text: 'I would rather describe it: it is a lovely image.' }], 'STOP');
    case 'only_thoughts':
      return candidate(input, thoughts(), 'STOP');
    default: {
      if (!painted) return candidate(input, [{ text: `An image of ${request.prompt}.` }], 'STOP');
      const before = fault?.kind === 'thought_parts' ? thoughts() : [];
      const text = request.wantsText ? [{ text: 'Here is your image.' }] : [];
      const signature = createHash('sha256').update(model.id).update(request.prompt).digest('base64');
      const image = { inlineData: inline(painted), thoughtSignature: signature };
      return candidate(input, [...before, ...text, image], 'STOP');
    }
  }
}

/** The draft differs from the result, so that a client that takes it by mistake shows. */
function thoughts(): Part[] {
  return [
    { text: '**Sketching the scene**\n\nFirst a rough draft.', thought: true },
    { inlineData: { mimeType: 'image/png', data: DRAFT }, thought: true },
  ];
}

function inline({ bytes, mimeType }: Painted): { mimeType: string; data: string } {
  return { mimeType, data: bytes.toString('base64') };
}

type Input = Parameters<typeof composeAnswer>[0];

function candidate(input: Input, parts: Part[], finishReason: string, finishMessage?: string): object {
  const content = { role: 'model', ...(parts.length > 0 && { parts }) };
  return envelope(input, { candidates: [{ content, finishReason, finishMessage, index: 0 }] });
}

function envelope({ model, request, painted }: Input, body: object): object {
  const promptTokenCount = Math.ceil(request.prompt.length / 4) + 258 * request.images.length;
  const candidatesTokenCount = painted ? 1290 : 0;
  return {
    ...body,
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }],
      ...(painted && { candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: candidatesTokenCount }] }),
    },
    modelVersion: model.id,
    responseId: createHash('sha256')
      .update(request.prompt)
      .update(String(request.seed))
      .digest('base64url')
      .slice(0, 22),
  };
}

/** A grey PNG of 16 by 16 pixels. */
const DRAFT =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAMAAAAoLQ9TAAAAA1BMVEWamqAKhsGEAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADklEQVQYlWNgGAUMSAAAARAAAVGhZwQAAAAASUVORK5CYII=';
