import type { FinishReason, Part } from '@google/genai';
import { describe, expect, test } from 'vitest';
import { type ImageResponse, readResponse } from './read-response.ts';

const image = (text: string, more: Partial<Part> = {}): Part => ({
  inlineData: { mimeType: 'image/png', data: Buffer.from(text).toString('base64') },
  ...more,
});

function finished(finishReason: string | undefined, parts?: Part[]): ImageResponse {
  return {
    candidates: [{ finishReason: finishReason as FinishReason, content: parts && { role: 'model', parts } }],
  } as ImageResponse;
}

function codeOf(response: ImageResponse): string {
  const answer = readResponse(response);
  return answer.ok ? 'ok' : answer.failure.code;
}

describe('an image', () => {
  test('is the last part that is not a thought', () => {
    const answer = readResponse(
      finished('STOP', [
        image('draft', { thought: true }),
        { text: 'here you are' },
        image('first'),
        image('final', { thoughtSignature: 'x' }),
        image('afterthought', { thought: true }),
      ]),
    );
    expect(answer).toEqual({ ok: true, image: { bytes: Buffer.from('final'), mimeType: 'image/png' } });
  });

  test.each(['a', 'ab', 'abc', 'abcd'])('is decoded with any padding: %s', (text) => {
    expect(codeOf(finished('STOP', [image(text)]))).toBe('ok');
  });

  test('is returned even when the answer was cut off', () => {
    expect(codeOf(finished('MAX_TOKENS', [image('x')]))).toBe('ok');
    expect(codeOf(finished(undefined, [image('x')]))).toBe('ok');
  });

  test.each([
    ['truncated', 'iVBORw0KGgo'],
    ['truncated within a group', 'iVBORw0KG'],
    ['with an invalid character', 'iVBO*w0KGgo='],
    ['with padding in the middle', 'iVB=Rw0KGgo='],
    ['with a line break', 'iVBORw0\nKGgo'],
  ])('with invalid base64 is a bad_image: %s', (_, data) => {
    expect(codeOf(finished('STOP', [{ inlineData: { data, mimeType: 'image/png' } }]))).toBe('bad_image');
  });
});

describe('an answer without an image', () => {
  test.each([
    'SAFETY',
    'IMAGE_SAFETY',
    'PROHIBITED_CONTENT',
    'IMAGE_PROHIBITED_CONTENT',
    'RECITATION',
    'IMAGE_RECITATION',
    'BLOCKLIST',
    'SPII',
  ])('is content_blocked when it finished with %s, even with an image', (reason) => {
    expect(codeOf(finished(reason))).toBe('content_blocked');
    expect(codeOf(finished(reason, [image('x')]))).toBe('content_blocked');
  });

  test.each(['SAFETY', 'OTHER', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'BLOCKLIST', 'NEW_REASON'])(
    'is content_blocked when the prompt was blocked: %s',
    (blockReason) => {
      expect(codeOf({ promptFeedback: { blockReason } } as ImageResponse)).toBe('content_blocked');
    },
  );

  test.each([
    'STOP',
    'NO_IMAGE',
    'OTHER',
    'IMAGE_OTHER',
    'MAX_TOKENS',
    'MALFORMED_RESPONSE',
    'CONTINUATION',
    'FINISH_REASON_UNSPECIFIED',
    'A_REASON_OF_TOMORROW',
  ])('is no_image, which allows a retry, after %s', (reason) => {
    expect(codeOf(finished(reason))).toBe('no_image');
    expect(codeOf(finished(reason, [{ text: 'sorry' }]))).toBe('no_image');
    expect(codeOf(finished(reason, [image('draft', { thought: true })]))).toBe('no_image');
  });

  test('is no_image in any other shape', () => {
    const shapes = [
      {},
      { candidates: [] },
      { candidates: [{}] },
      { candidates: [{ content: { parts: 'x' } }] },
      { candidates: [{ content: { parts: [{ inlineData: {} }, { inlineData: { data: '' } }] } }] },
    ];
    for (const shape of shapes) expect(codeOf(shape as unknown as ImageResponse)).toBe('no_image');
  });
});
