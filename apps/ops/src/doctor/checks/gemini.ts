import { listModels } from '@darkroom/core/models/list-models';
import { type Check, error, type Finding, skipped } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The Gemini key is valid and has every model of the chain. Makes no paid call. */
export function gemini({ environment, fetch, timeoutMs }: Probes): Check {
  return {
    name: 'gemini',
    async run() {
      const {
        GEMINI_API_KEY: apiKey,
        GEMINI_BASE_URL: baseUrl,
        GEMINI_API_VERSION: apiVersion,
      } = environment.values;
      const { GEMINI_MODELS: chain = [] } = environment.values;
      if (!apiKey) return skipped('GEMINI_API_KEY is missing');
      const listing = await listModels({ apiKey, baseUrl, apiVersion, timeoutMs, fetch });
      if (listing.kind === 'refused') {
        return {
          findings: [
            error(
              environment.nameOf('GEMINI_API_KEY'),
              `is refused (${listing.cause})`,
              'Use a key of a project with billing, and allow the Generative Language API and this machine’s address for it (aistudio.google.com, API keys)',
            ),
          ],
        };
      }
      if (listing.kind === 'unreachable') {
        const where = baseUrl ? 'GEMINI_BASE_URL' : 'generativelanguage.googleapis.com';
        const remedy =
          'Check the address and outbound network access; leave GEMINI_BASE_URL unset for Google’s own';
        return { findings: [error(where, `cannot be reached (${listing.cause})`, remedy)] };
      }
      const missing = chain.filter((model) => !listing.models.includes(model));
      return {
        findings: missing.map((model) => noSuchModel(model, listing.models)),
        seen: `${chain.length - missing.length} of ${chain.length} models available`,
      };
    },
  };
}

function noSuchModel(model: string, models: readonly string[]): Finding {
  const similar = models.filter((name) => /image|banana/.test(name)).slice(0, 6);
  const instead = similar.length > 0 ? `, such as ${similar.join(', ')}` : '';
  return error(
    'GEMINI_MODELS',
    `names ${model}, which this key cannot use`,
    `Remove it, or use one of its models${instead}`,
  );
}
