/** One job of the demo: its request, and how it ends. */
export interface Scenario {
  /** Also the name of the image file in `out/`. */
  name: string;
  title: string;
  prompt: string;
  aspectRatio: string;
  /** Sends an input image, as base64. */
  withInput?: boolean;
  /** Canceled once it reaches this progress. */
  cancelAt?: number;
  expected: 'completed' | 'failed' | 'canceled';
}

/** Words in brackets make the local Gemini fail or wait; the real Gemini must not see them. */
export function scenarios(gemini: 'local' | 'real', models: readonly string[]): Scenario[] {
  const [first = '', second = ''] = models;
  const local = (directives: string) => (gemini === 'local' ? ` ${directives}` : '');
  return [
    {
      name: 'plain',
      title: 'prompt only',
      prompt: 'a red fox with a cup of tea on a hill under the moon, gouache',
      aspectRatio: '1:1',
      expected: 'completed',
    },
    {
      name: 'with-input',
      title: 'with input image',
      prompt: 'a cat and a balloon by the sea on a sunny day, gouache',
      aspectRatio: '16:9',
      withInput: true,
      expected: 'completed',
    },
    {
      name: 'fallback',
      title: gemini === 'local' ? 'fallback after 404 and 429' : 'another image',
      prompt: `a robot in a boat near a lighthouse at night${local(`[fault: 404 ${first}] [fault: rate_limited ${second}]`)}`,
      aspectRatio: '3:4',
      expected: 'completed',
    },
    ...(gemini === 'local'
      ? [
          {
            name: 'blocked',
            title: 'blocked by safety',
            prompt: 'something that must not be painted [fault: blocked]',
            aspectRatio: '1:1',
            expected: 'failed',
          } as const,
        ]
      : []),
    {
      name: 'canceled',
      title: 'canceled by the user',
      prompt: `a snowy mountain village with an owl${local('[latency: 20s]')}`,
      aspectRatio: '1:1',
      cancelAt: 40,
      expected: 'canceled',
    },
  ];
}
