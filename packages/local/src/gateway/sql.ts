export interface Parameters {
  readonly values: (string | null)[];
  /** Keeps the value and gives the placeholder that stands for it; Postgres infers its type. */
  add(value: string): string;
}

export function createParameters(): Parameters {
  const values: (string | null)[] = [];
  return {
    values,
    add: (value) => `$${values.push(value)}`,
  };
}

/** Quotes a name for SQL. Nothing after a NUL is kept: Postgres would take it as the end of the statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.split('\0', 1)[0]!.replaceAll('"', '""')}"`;
}

/** Quotes text that comes from the database's own catalog. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
