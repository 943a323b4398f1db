import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import { clerkFolder } from '../world/product.ts';

export interface BenchUser {
  id: string;
  token: string;
}

/** Users with session tokens that outlast the run. */
export async function makeUsers(count: number): Promise<BenchUser[]> {
  const keys = await loadKeys(clerkFolder);
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const id = `user_bench${at}`;
      return { id, token: await mintToken(keys, { userId: id, issuer: ISSUER }) };
    }),
  );
}
