import { generateKeyPairSync } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { ClerkSettings } from '../auth/token-verifier.ts';

export interface SessionTokens {
  clerk: ClerkSettings;
  /** An Authorization header with a token that is valid for a minute; `exp` is in seconds from now. */
  authorization(userId: string, options?: { exp?: number; claims?: JWTPayload }): Promise<string>;
}

/** The tokens of a Clerk instance with its own key pair. Its Backend API is on a closed port. */
export function createSessionTokens(): SessionTokens {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clerk: {
      secretKey: 'sk_test_x',
      publishableKey: `pk_test_${Buffer.from('clerk.local.test$').toString('base64')}`,
      jwtKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      apiUrl: 'http://127.0.0.1:9',
    },
    async authorization(userId, { exp = 60, claims = {} } = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const payload = { sid: 'sess_1', sts: 'active', v: 2, fva: [0, -1], role: 'authenticated', ...claims };
      const token = await new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: 'ins_test', typ: 'JWT' })
        .setIssuer('https://clerk.local.test')
        .setSubject(userId)
        .setIssuedAt(now - 120)
        .setNotBefore(now - 120)
        .setExpirationTime(now + exp)
        .sign(privateKey);
      return `Bearer ${token}`;
    },
  };
}
