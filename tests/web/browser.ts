import { type Browser, findBrowser } from '@darkroom/local/browser/find';
import { chromium } from 'playwright-core';

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

/** The Chromium of this machine, or null. In CI a missing one is an error: every suite must run. */
export async function locateBrowser(): Promise<Browser | null> {
  const { browser, tried } = await findBrowser({ say: tell });
  const missing = `There is no Chromium here: ${tried.join('; ')}.`;
  if (!browser && process.env.CI) throw new Error(`${missing} In CI every suite must run: install chromium.`);
  if (!browser) tell(`${missing} The suites of the page are skipped.`);
  return browser;
}

/** A real browser with a fresh profile, which goes with it. Every context in it is another person at another desk. */
export function openBrowser({ command, env }: Browser) {
  return chromium.launch({
    executablePath: command,
    env: { ...(process.env as Record<string, string>), ...env },
    args: flags,
    headless: true,
  });
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
