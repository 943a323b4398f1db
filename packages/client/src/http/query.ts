/** The query of a URL, without unset values. Built by hand because URLSearchParams is incomplete in React Native. */
export function query(values: object = {}): string {
  const text = Object.entries(values as Record<string, string | number | null | undefined>)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
    .join('&');
  return text && `?${text}`;
}
