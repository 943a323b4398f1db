import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { GatewayError } from './errors.ts';

const SKEW_SECONDS = 30;

/** The database roles that a request may take. */
export const ROLES = ['anon', 'authenticated', 'service_role'] as const;
export type Role = (typeof ROLES)[number];

export interface Identity {
  role: Role;
  /** JSON for `request.jwt.claims`, which policies and functions read. */
  claims: string;
}

export interface AuthenticateOptions {
  publishableKey: string;
  secretKey: string;
  /** Finds the key for the signature of a token. */
  signingKey: JWTVerifyGetKey;
  /** When given, tokens of any other issuer are refused. */
  issuer?: string | undefined;
}

export interface Credentials {
  apiKey: string | undefined;
  authorization: string | undefined;
  userAgent: string | undefined;
}

export type Authenticate = (credentials: Credentials) => Promise<Identity>;

/**
 * The role of a request: anon for the publishable key, service_role for the secret key, and the role that a signed
 * token claims. Everything else gets 401.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const keys = new Map<string, Identity>([
    [options.publishableKey, { role: 'anon', claims: '{"role":"anon"}' }],
    [options.secretKey, { role: 'service_role', claims: '{"role":"service_role"}' }],
  ]);

  return async ({ apiKey, authorization, userAgent }) => {
    const bearer = authorization === undefined ? undefined : /^bearer\s+(.*)$/i.exec(authorization)?.[1];
    const known = checkApiKey(keys, apiKey);
    if (
      (apiKey === options.secretKey || bearer === options.secretKey) &&
      /^Mozilla\//.test(userAgent ?? '')
    ) {
      throw keyInBrowser();
    }
    if (bearer === undefined) return known;
    return keys.get(bearer) ?? identify(await verify(bearer, options));
  };
}

function checkApiKey(keys: Map<string, Identity>, apiKey: string | undefined): Identity {
  if (!apiKey) {
    throw new GatewayError(401, {
      message: 'No API key found in request',
      hint: 'No `apikey` request header or url param was found.',
    });
  }
  const identity = keys.get(apiKey);
  if (!identity) {
    throw new GatewayError(401, {
      message: 'Invalid API key',
      hint: 'Send the publishable or the secret key of the local stack in the `apikey` header.',
    });
  }
  return identity;
}

function keyInBrowser(): GatewayError {
  return new GatewayError(401, {
    message: 'Forbidden use of secret API key in browser',
    hint: 'A secret key belongs on a server: it sees and changes every row.',
  });
}

async function verify(token: string, { signingKey, issuer }: AuthenticateOptions): Promise<JWTPayload> {
  if (token === '') throw undecodable('Empty JWT is sent in Authorization header');
  const parts = token.split('.').length;
  if (parts !== 3) throw undecodable(`Expected 3 parts in JWT; got ${parts}`);
  try {
    const { payload } = await jwtVerify(token, signingKey, {
      algorithms: ['RS256'],
      clockTolerance: SKEW_SECONDS,
      ...(issuer === undefined ? {} : { issuer }),
    });
    return payload;
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): GatewayError {
  if (error instanceof errors.JWTExpired) return invalidClaims('JWT expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalidClaims(error.claim === 'nbf' ? 'JWT not yet valid' : error.message);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return undecodable('JWT cryptographic operation failed');
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return undecodable('No suitable key or wrong key type', 'None of the keys was able to decode the JWT');
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return undecodable('Wrong or unsupported encoding algorithm');
  const aboutToken = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported];
  if (aboutToken.some((kind) => error instanceof kind)) return undecodable("JWT couldn't be decoded");
  return new GatewayError(500, {
    code: 'PGRST300',
    message: 'The keys that tokens are signed with could not be read',
    details: error instanceof Error ? error.message : String(error),
    hint: 'Check that the JWKS address answers.',
  });
}

function identify(claims: JWTPayload): Identity {
  const role = claims.role ?? 'anon';
  if (!ROLES.some((one) => one === role)) {
    throw new GatewayError(
      401,
      { code: '22023', message: `role "${String(role)}" does not exist` },
      { headers: { 'WWW-Authenticate': 'Bearer' } },
    );
  }
  return { role: role as Role, claims: JSON.stringify({ ...claims, role }) };
}

function undecodable(message: string, details: string | null = null): GatewayError {
  return new GatewayError(401, { code: 'PGRST301', message, details }, { headers: challenge(message) });
}

function invalidClaims(message: string): GatewayError {
  return new GatewayError(401, { code: 'PGRST303', message }, { headers: challenge(message) });
}

function challenge(message: string): Record<string, string> {
  return {
    'WWW-Authenticate': `Bearer error="invalid_token", error_description=${JSON.stringify(message)}`,
  };
}
