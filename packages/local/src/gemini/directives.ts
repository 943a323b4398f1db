import { Fault } from './faults.ts';
import { invalidArgument } from './google-error.ts';

const DIRECTIVE = /\[(fault|latency):\s*([^\]]*)\]/gi;
const BY_NUMBER: Record<string, string> = {
  400: 'invalid_argument',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  429: 'rate_limited',
  500: 'internal',
  502: 'bad_gateway_html',
  503: 'unavailable',
  504: 'deadline',
};

/** Reads the directives in prompts; faults.ts lists them. */
export function createDirectives() {
  /** How often each directive with a count was applied, by model, directive and prompt. */
  const applied = new Map<string, number>();

  return {
    /** @throws GoogleError INVALID_ARGUMENT for an unknown directive, so that a typing error shows. */
    take(model: string, prompt: string): Fault[] {
      return [...prompt.matchAll(DIRECTIVE)].flatMap(([whole, word = '', text = '']) => {
        const directive =
          word.toLowerCase() === 'latency' ? readLatency(whole, text) : readFault(whole, text);
        if (directive.model !== null && directive.model !== model) return [];
        if (directive.times !== null) {
          const key = `${model}\n${whole}\n${prompt}`;
          const count = applied.get(key) ?? 0;
          if (count >= directive.times) return [];
          applied.set(key, count + 1);
        }
        return [directive.fault];
      });
    },
  };
}

/** The prompt without its directives. */
export function withoutDirectives(prompt: string): string {
  return prompt.replace(DIRECTIVE, ' ').replace(/ +/g, ' ').trim();
}

interface Directive {
  fault: Fault;
  model: string | null;
  times: number | null;
}

function readLatency(whole: string, text: string): Directive {
  const ms = readDuration(text.trim());
  if (ms === null) throw misread(whole);
  return { fault: { kind: 'latency', ms }, model: null, times: null };
}

function readFault(whole: string, text: string): Directive {
  const [name = '', ...words] = text.trim().split(/\s+/);
  const fields: Record<string, unknown> = { kind: BY_NUMBER[name] ?? name.toLowerCase() };
  const directive = { model: null as string | null, times: null as number | null };
  for (const word of words) {
    const duration = readDuration(word);
    if (/^x\d+$/.test(word)) directive.times = Number(word.slice(1));
    else if (duration !== null) fields[durationField(fields.kind)] = duration;
    else if (word === 'per_day') fields.perDay = true;
    else if (/^[A-Z_]+$/.test(word)) fields.reason = word;
    else directive.model = word;
  }
  const fault = Fault.safeParse(fields);
  if (!fault.success) throw misread(whole);
  return { ...directive, fault: fault.data };
}

function durationField(kind: unknown): string {
  if (kind === 'rate_limited') return 'retryDelayMs';
  return kind === 'drip' ? 'intervalMs' : 'ms';
}

function readDuration(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  return amount ? Number(amount) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'] : null;
}

function misread(whole: string) {
  return invalidArgument(
    `${whole} is not a directive of the local Gemini; packages/local/src/gemini/faults.ts lists them.`,
  );
}
