/** One job of the demo: what is asked for, and what happens to it on the way. */
export interface Scenario {
  /** Also the name of its image in `out/`. */
  name: string;
  title: string;
  prompt: string;
  aspectRatio: string;
  /** Sends the image of this name along, as base64. */
  withInput?: boolean;
  /** Asked to be canceled once it shows this much progress. */
  cancelAt?: number;
  expected: 'completed' | 'failed' | 'canceled';
}

/** What the local painter is told by the words in brackets; the real Gemini would only see odd words, so it gets none. */
export function scenarios(painter: 'local' | 'real', models: readonly string[]): Scenario[] {
  const [first = '', second = ''] = models;
  const local = (directives: string) => (painter === 'local' ? ` ${directives}` : '');
  return [
    {
      name: 'plain',
      title: 'plain',
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
      title: painter === 'local' ? '404, then 429, then served' : 'another one',
      prompt: `a robot in a boat near a lighthouse at night${local(`[fault: 404 ${first}] [fault: rate_limited ${second}]`)}`,
      aspectRatio: '3:4',
      expected: 'completed',
    },
    ...(painter === 'local'
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
      title: 'canceled half-way',
      prompt: `a snowy mountain village with an owl${local('[latency: 20s]')}`,
      aspectRatio: '1:1',
      cancelAt: 40,
      expected: 'canceled',
    },
  ];
}
