/** The options of the `Prefer` header. */
export interface Preferences {
  representation: boolean;
  count: boolean;
  resolution: 'merge-duplicates' | 'ignore-duplicates' | null;
  /** Missing columns get their default instead of null. */
  missingDefault: boolean;
  /** Refuse changes of more rows than this; only with `handling=strict`. */
  maxAffected: number | null;
  /** For the `Preference-Applied` header. */
  applied: string;
}

const KNOWN = new Set(['return', 'count', 'resolution', 'missing', 'handling', 'max-affected']);

export function parsePreferences(header: string | undefined): Preferences {
  const given = new Map<string, string>();
  for (const part of header?.split(',') ?? []) {
    const [name = '', value = ''] = part.trim().split('=');
    // When a preference is repeated, the first one counts.
    if (KNOWN.has(name) && !given.has(name)) given.set(name, value);
  }
  const resolution = given.get('resolution');
  const maxAffected = Number(given.get('max-affected'));
  return {
    representation: given.get('return') === 'representation',
    count: given.has('count'),
    resolution: resolution === 'merge-duplicates' || resolution === 'ignore-duplicates' ? resolution : null,
    missingDefault: given.get('missing') === 'default',
    maxAffected:
      given.get('handling') === 'strict' && given.has('max-affected') && maxAffected >= 0
        ? maxAffected
        : null,
    applied: [...given].map(([name, value]) => `${name}=${value}`).join(', '),
  };
}
