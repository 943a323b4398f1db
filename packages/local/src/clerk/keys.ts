import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key pair that signs local session tokens. */
export interface ClerkKeys {
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** SPKI PEM of the public key, which Clerk calls the JWT key. */
  jwtKey: string;
  /** Derived from the key pair, so that a verifier that caches by id never mixes two pairs. */
  kid: string;
}

const FILE = 'private-key.pem';

/**
 * Reads the key pair in `directory`, or creates it. Processes that start at the same moment get the same pair.
 * Only its owner can read the private key's file.
 */
export async function loadKeys(directory: string): Promise<ClerkKeys> {
  const file = join(directory, FILE);
  const kept = await readFile(file, 'utf8').catch(ifMissing);
  return toKeys(kept ?? (await makeKeyFile(directory, file)));
}

/** A link, unlike a rename, fails when the name is taken, so the first process wins. */
async function makeKeyFile(directory: string, file: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, newPrivateKey(), { mode: 0o600 });
  try {
    await link(draft, file).catch(ifTaken);
  } finally {
    await rm(draft, { force: true });
  }
  return await readFile(file, 'utf8');
}

/** 2048 bits is the only size that Clerk's verifier accepts for a JWT key. */
function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function toKeys(pem: string): ClerkKeys {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const fingerprint = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return {
    privateKey,
    publicKey,
    jwtKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    kid: `ins_local_${fingerprint.slice(0, 20)}`,
  };
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

function ifTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
