/** The configuration of the page. */
export interface PageConfig {
  /** URL of the API, such as `https://api.example.com`. */
  api: string;
  /** Clerk's publishable key; null where the local stack signs users in. */
  clerkKey: string | null;
}

/**
 * Reads the variables of the build (`VITE_API_URL`, `VITE_CLERK_PUBLISHABLE_KEY`), else `config.json` beside the page, so
 * that one build can serve several deployments. @throws when neither has the API's URL
 */
export async function loadConfig(): Promise<PageConfig> {
  const { VITE_API_URL, VITE_CLERK_PUBLISHABLE_KEY } = import.meta.env;
  if (VITE_API_URL) return { api: VITE_API_URL, clerkKey: VITE_CLERK_PUBLISHABLE_KEY || null };
  const response = await fetch('config.json', { cache: 'no-store' });
  if (!response.ok)
    throw new Error('This page has no config.json beside it and was built without VITE_API_URL.');
  const { api, clerk_publishable_key } = await response.json();
  return { api, clerkKey: clerk_publishable_key ?? null };
}
