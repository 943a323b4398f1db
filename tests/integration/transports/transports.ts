import { type OpenDatabase, openDatabase } from '@darkroom/db/open';
import { type Gateway, startGateway } from '@darkroom/local/gateway/start';

export type Way = 'supabase' | 'direct';
export const ways: readonly Way[] = ['supabase', 'direct'];

/** Both ways to one database: through a gateway that speaks the Data API, and over connections of one's own. */
export async function openWays(databaseUrl: string) {
  const secretKey = 'sb_secret_test';
  const gateway: Gateway = await startGateway({
    databaseUrl,
    secretKey,
    publishableKey: 'sb_publishable_test',
    jwksUrl: 'http://127.0.0.1:1/jwks',
  });
  const opened: OpenDatabase[] = [];

  return {
    open(way: Way, options: Partial<Parameters<typeof openDatabase>[0]> = {}): OpenDatabase {
      const db = openDatabase({
        supabaseUrl: gateway.url,
        secretKey,
        ...(way === 'direct' ? { direct: { databaseUrl, poolSize: 4, name: 'conformance' } } : {}),
        ...options,
      });
      opened.push(db);
      return db;
    },
    async close() {
      await Promise.all(opened.map((db) => db.close()));
      await gateway.stop();
    },
  };
}

export type Ways = Awaited<ReturnType<typeof openWays>>;
