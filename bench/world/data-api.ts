/** A program: Supabase's Data API and Realtime over one database, and Clerk's keys. */
import { loadKeys } from '@darkroom/local/clerk/keys';
import { startClerk } from '@darkroom/local/clerk/start';
import { startGateway } from '@darkroom/local/gateway/start';
import { runProgram } from './program.ts';

export interface DataApiOrder {
  databaseUrl: string;
  clerkFolder: string;
  publishableKey: string;
  secretKey: string;
}

export interface DataApiReady {
  supabaseUrl: string;
  clerk: { url: string; secretKey: string; publishableKey: string; jwtKey: string };
}

runProgram<DataApiOrder>(async ({ databaseUrl, clerkFolder, publishableKey, secretKey }) => {
  const clerk = await startClerk({ keys: await loadKeys(clerkFolder) });
  const gateway = await startGateway({ databaseUrl, publishableKey, secretKey, jwksUrl: clerk.jwksUrl });
  const ready: DataApiReady = {
    supabaseUrl: gateway.url,
    clerk: {
      url: clerk.url,
      secretKey: clerk.secretKey,
      publishableKey: clerk.publishableKey,
      jwtKey: clerk.jwtKey.trim().replaceAll('\n', '\\n'),
    },
  };
  return {
    ready,
    stop: async () => void (await Promise.all([gateway.stop(), clerk.stop()])),
  };
});
