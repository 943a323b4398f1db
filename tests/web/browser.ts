import { type Browser, findBrowser } from '@darkroom/local/browser/find';
import { chromium, type Browser as RunningBrowser } from 'playwright-core';

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

let located: Promise<Browser | null> | undefined;

/** The Chromium of this machine, or null where none can be had. In CI that is an error: every suite must run. */
export function locateBrowser(): Promise<Browser | null> {
  located ??= locate();
  return located;
}

async function locate(): Promise<Browser | null> {
  const { browser, tried } = await findBrowser({ say: tell });
  const missing = `There is no Chromium here: ${tried.join('; ')}.`;
  if (!browser && process.env.CI) throw new Error(`${missing} In CI every suite must run: install chromium.`);
  if (!browser) tell(`${missing} The suites of the page are skipped.`);
  return browser;
}

let shared: Promise<RunningBrowser> | undefined;

/** The browser that the files of a worker process share: it ends with the process. A file closes its own contexts. */
export function openBrowser(browser: Browser): Promise<RunningBrowser> {
  shared ??= launch(browser);
  return shared;
}

function launch({ command, env }: Browser) {
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
