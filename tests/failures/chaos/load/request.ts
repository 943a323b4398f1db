import type { Random } from '../random.ts';

/** What a client asks for. `kind` says what is wrong with it, for the report. */
export interface JobRequest {
  kind: string;
  body: Record<string, unknown>;
}

interface Poison {
  kind: string;
  words: string;
  weight: number;
  model?: string;
  fallback?: boolean;
}

/** What the models do to some prompts (packages/local/src/gemini/faults.ts), and how often it is asked for. */
const poisons: readonly Poison[] = [
  { kind: 'plain', words: '', weight: 66 },
  { kind: 'slow', words: '[latency: 1500ms]', weight: 5 },
  { kind: 'large', words: '', weight: 4, model: 'gemini-nano-banana-2.1' },
  // A missing model is left alone for minutes by the worker that met it: not the one that most jobs are for.
  { kind: '404', words: '[fault: 404 gemini-nano-banana-2.1]', weight: 1, model: 'gemini-nano-banana-2.1' },
  { kind: 'primary 503', words: '[fault: 503 gemini-3-pro-image]', weight: 3 },
  { kind: '503 twice', words: '[fault: 503 x2]', weight: 3 },
  { kind: '503 always', words: '[fault: 503]', weight: 1 },
  { kind: '429 for a moment', words: '[fault: rate_limited 700ms x1]', weight: 2 },
  { kind: 'hang', words: '[fault: hang gemini-3-pro-image]', weight: 2 },
  { kind: 'hang everywhere', words: '[fault: hang x1]', weight: 1 },
  { kind: 'drip', words: '[fault: drip 200ms x1]', weight: 1 },
  { kind: 'reset', words: '[fault: reset x1]', weight: 2 },
  { kind: 'blocked', words: '[fault: blocked]', weight: 3 },
  { kind: 'NO_IMAGE', words: '[fault: finish NO_IMAGE]', weight: 2 },
  { kind: 'truncated once', words: '[fault: truncated x1]', weight: 2 },
  { kind: 'no image at all', words: '[fault: not_an_image]', weight: 1, fallback: false },
  { kind: 'thoughts', words: '[fault: thought_parts]', weight: 2 },
  { kind: 'broken body', words: '[fault: broken_json x1]', weight: 1 },
  { kind: 'HTML', words: '[fault: bad_gateway_html x1]', weight: 1 },
];
const totalWeight = poisons.reduce((sum, { weight }) => sum + weight, 0);

const ratios = ['1:1', '3:4', '16:9', undefined];

/** Draws a request. `tag` is put into the prompt, by which the model's calls are told apart. */
export function drawRequest(random: Random, tag: string): JobRequest {
  const { kind, words, model, fallback } = drawPoison(random);
  const prompt = `a lighthouse ${tag} ${words}`.trim();
  const body = { prompt, aspect_ratio: random.pick(ratios), model, fallback, metadata: { tag } };
  return { kind, body };
}

function drawPoison(random: Random): Poison {
  let left = random.next() * totalWeight;
  for (const poison of poisons) {
    left -= poison.weight;
    if (left < 0) return poison;
  }
  return poisons[0]!;
}
