import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import type pg from 'pg';
import { clerkFolder } from '../deployment/deployment.ts';

export interface BenchUser {
  id: string;
  token: string;
}

/** Users with session tokens that are valid for the whole run. */
export async function makeUsers(count: number): Promise<BenchUser[]> {
  const keys = await loadKeys(clerkFolder);
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const id = `user_bench${at}`;
      return { id, token: await mintToken(keys, { userId: id, issuer: ISSUER }) };
    }),
  );
}

/** Adds users with email addresses and enough credits. */
export async function addUsers(pool: pg.Pool, users: readonly BenchUser[]): Promise<void> {
  await pool.query(`select ensure_user(id, id || '@example.com', 1000000) from unnest($1::text[]) id`, [
    users.map(({ id }) => id),
  ]);
}
