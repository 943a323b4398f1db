import { DatabaseError } from 'pg';
import { GatewayError } from './errors.ts';

/**
 * Maps a database error to the answer of PostgREST: the SQLSTATE is the code, and its class gives the status. An error
 * without a SQLSTATE means that the connection was lost.
 */
export function fromDatabase(error: unknown, role: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (!(error instanceof DatabaseError)) return lostConnection(error);
  const { code = 'XX000', message, detail = null, hint = null } = error;
  if (code === 'PGRST') return raisedAnswer(message, detail);
  const status = statusOf(code, message, role);
  return new GatewayError(
    status,
    { code, message, details: detail, hint },
    {
      headers: status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {},
      statusText: code.startsWith('PT') ? message : undefined,
    },
  );
}

function lostConnection(error: unknown): GatewayError {
  return new GatewayError(503, {
    code: 'PGRST001',
    message: 'Database client error. Retrying the connection.',
    details: error instanceof Error ? error.message : String(error),
  });
}

/** Codes whose status differs from that of their class. */
const byCode: Record<string, number> = {
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53400': 500,
  '57P01': 503,
  P0001: 400,
};

const byClass: Record<string, number> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

function statusOf(code: string, message: string, role: string): number {
  if (code === '42501') return role === 'anon' ? 401 : 403;
  if (code === '21000') return message.endsWith('requires a WHERE clause') ? 400 : 500;
  if (code === '22023') return /^role .* does not exist$/s.test(message) ? 401 : 400;
  if (code.startsWith('PT')) {
    const status = Number(code.slice(2));
    return status >= 200 && status <= 599 ? status : 500;
  }
  return byCode[code] ?? byClass[code.slice(0, 2)] ?? 400;
}

/** `raise sqlstate 'PGRST'`: the function gives body, status and headers as JSON. */
function raisedAnswer(message: string, detail: string | null): GatewayError {
  try {
    const body = JSON.parse(message);
    const { status, status_text: statusText, headers } = JSON.parse(detail ?? '');
    if (!body.code || !body.message || !Number.isInteger(status) || !headers) throw new Error('incomplete');
    return new GatewayError(
      status,
      { code: body.code, message: body.message, details: body.details ?? null, hint: body.hint ?? null },
      { headers, statusText },
    );
  } catch {
    return new GatewayError(500, {
      code: 'PGRST121',
      message: 'Could not parse JSON in the "RAISE SQLSTATE \'PGRST\'" error',
      details:
        'MESSAGE must be a JSON object with code and message, DETAIL a JSON object with status and headers.',
    });
  }
}
