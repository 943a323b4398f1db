/** The query of an address. What is not set is left out. Written by hand: React Native's URLSearchParams is not whole. */
export function query(values: object = {}): string {
  const text = Object.entries(values as Record<string, string | number | null | undefined>)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
    .join('&');
  return text && `?${text}`;
}
