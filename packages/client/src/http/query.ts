/** The query of an address. What is not set is left out. Written by hand: React Native's URLSearchParams is not whole. */
export function query(
  values: Readonly<Record<string, string | number | boolean | null | undefined>>,
): string {
  const parts = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
