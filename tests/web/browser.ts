import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBrowser } from '@darkroom/local/browser/find';
import { type BrowserContextOptions, chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** The Chromium of this machine, or why there is none. In CI a missing one is an error: every suite must run. */
export async function locateBrowser() {
  const { browser, tried } = await findBrowser({ say: (line) => process.stderr.write(`${line}\n`) });
  const missing = `There is no Chromium here: ${tried.join('; ')}.`;
  if (!browser && process.env.CI) throw new Error(`${missing} In CI every suite must run: install chromium.`);
  if (!browser) process.stderr.write(`${missing} The suites of the page are skipped.\n`);
  return browser;
}

/** A real browser with a profile of its own, which goes with it. */
export async function openBrowser(
  found: NonNullable<Awaited<ReturnType<typeof locateBrowser>>>,
  options: BrowserContextOptions = {},
) {
  const profile = await mkdtemp(path.join(tmpdir(), 'darkroom-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.command,
    env: { ...(process.env as Record<string, string>), ...found.env, HOME: profile },
    args: flags,
    headless: true,
    locale: 'en-GB',
    ...options,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
