/** What the page is told about its surroundings. */
export interface PageConfig {
  /** Of the API, such as `https://api.example.com`. */
  api: string;
  /** Clerk's publishable key; null where the local stack signs people in. */
  clerkKey: string | null;
}

/**
 * What was set when the page was built (`VITE_API_URL`, `VITE_CLERK_PUBLISHABLE_KEY`), else `config.json` beside the
 * page: one build serves every place. @throws when neither says where the API is
 */
export async function loadConfig(): Promise<PageConfig> {
  const { VITE_API_URL, VITE_CLERK_PUBLISHABLE_KEY } = import.meta.env;
  if (VITE_API_URL) return { api: VITE_API_URL, clerkKey: VITE_CLERK_PUBLISHABLE_KEY || null };
  const response = await fetch('config.json', { cache: 'no-store' });
  if (!response.ok)
    throw new Error('There is no config.json beside this page, and it was built without VITE_API_URL.');
  const { api, clerk_publishable_key } = await response.json();
  return { api, clerkKey: clerk_publishable_key ?? null };
}
