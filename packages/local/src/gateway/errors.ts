export interface ErrorBody {
  /** A SQLSTATE, a `PGRST…` code, or null where the API gateway before PostgREST answers. */
  code: string | null;
  message: string;
  details: string | null;
  hint: string | null;
}

/** An error as the client reads it, with its HTTP status. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Record<string, string>;
  readonly statusText: string | undefined;

  constructor(
    status: number,
    body: Partial<ErrorBody> & { message: string },
    options: { headers?: Record<string, string>; statusText?: string } = {},
  ) {
    super(body.message);
    this.status = status;
    const { code = null, message, details = null, hint = null } = body;
    this.body = { code, message, details, hint };
    this.headers = options.headers ?? {};
    this.statusText = options.statusText;
  }
}

/** The query string is malformed, or asks for a feature that this gateway does not have. */
export function badQuery(message: string, details: string | null = null): GatewayError {
  return new GatewayError(400, { code: 'PGRST100', message, details });
}

export function badBody(message: string): GatewayError {
  return new GatewayError(400, { code: 'PGRST102', message });
}

export function badRange(details: string): GatewayError {
  return new GatewayError(416, { code: 'PGRST103', message: 'Requested range not satisfiable', details });
}

export function notSingle(rows: number): GatewayError {
  return new GatewayError(406, {
    code: 'PGRST116',
    message: 'Cannot coerce the result to a single JSON object',
    details: `The result contains ${rows} rows`,
  });
}

export function unknownTable(name: string): GatewayError {
  return new GatewayError(404, {
    code: 'PGRST205',
    message: `Could not find the table 'public.${name}' in the schema cache`,
  });
}

export function unknownColumn(table: string, column: string): GatewayError {
  return new GatewayError(400, {
    code: 'PGRST204',
    message: `Could not find the '${column}' column of '${table}' in the schema cache`,
  });
}
