/** A program: the stand-ins for Supabase's Data API and Realtime over one database, and for Clerk. */
import { loadKeys } from '@darkroom/local/clerk/keys';
import { startClerk } from '@darkroom/local/clerk/start';
import { startGateway } from '@darkroom/local/gateway/start';
import { runProgram } from './run-program.ts';

export interface DataApiOptions {
  databaseUrl: string;
  clerkFolder: string;
  publishableKey: string;
  secretKey: string;
}

export interface DataApiReady {
  supabaseUrl: string;
  clerk: { url: string; secretKey: string; publishableKey: string; jwtKey: string };
}

runProgram<DataApiOptions>(async ({ databaseUrl, clerkFolder, publishableKey, secretKey }) => {
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
