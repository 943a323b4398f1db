/** What the `Prefer` header asks for. */
export interface Preferences {
  representation: boolean;
  count: boolean;
  resolution: 'merge-duplicates' | 'ignore-duplicates' | null;
  /** Columns that a row leaves out get their default, not null. */
  missingDefault: boolean;
  /** A change of more rows than this is refused; counts only with `handling=strict`. */
  maxAffected: number | null;
  /** For the `Preference-Applied` header. */
  applied: string;
}

const KNOWN = new Set(['return', 'count', 'resolution', 'missing', 'handling', 'max-affected']);

export function parsePreferences(header: string | undefined): Preferences {
  const given = new Map<string, string>();
  for (const part of header?.split(',') ?? []) {
    const [name = '', value = ''] = part.trim().split('=');
    // The first one counts when a preference is repeated.
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
