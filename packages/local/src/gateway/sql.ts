export interface Parameters {
  readonly values: (string | null)[];
  /** Adds a value and returns its placeholder; Postgres infers the type. */
  add(value: string): string;
}

export function createParameters(): Parameters {
  const values: (string | null)[] = [];
  return {
    values,
    add: (value) => `$${values.push(value)}`,
  };
}

/** Quotes a name for SQL. Cut at a NUL, which Postgres would take as the end of the statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.split('\0', 1)[0]!.replaceAll('"', '""')}"`;
}

/** Quotes text from the database's catalog. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
