/** node tests/web/screenshot.ts: takes the image of the page that README.md shows, docs/web.png, on the local stack. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startStack } from '@darkroom/local/stack/start';
import sharp from 'sharp';
import { locateBrowser, openBrowser } from './browser.ts';
import { actions, signIn } from './visitor.ts';

const docs = path.resolve(import.meta.dirname, '../../docs');
const drafts = process.argv[2];
const desktop = { width: 1_280, height: 800 };
const phone = { width: 390, height: 800 };

const found = await locateBrowser();
if (!found) throw new Error('There is no Chromium to take the image with.');
const stack = await startStack({
  environment: {},
  workers: 1,
  webPort: 0,
  geminiLatencyMs: { min: 600, max: 900 },
  overrides: {
    DEFAULT_CREDITS: '60',
    CREDIT_COSTS: 'gemini-3-pro-image=5,gemini-nano-banana-2.1=3,gemini-3.1-flash-lite-image=1',
    WORKER_CONCURRENCY: '5',
    MAX_ACTIVE_JOBS: '30',
  },
});
const browser = await openBrowser(found);
try {
  const ada = await signIn(browser, stack.web!.url, {
    name: 'ada',
    viewport: desktop,
    colorScheme: 'dark',
  });
  const images = [
    ['a robot in a boat near a lighthouse at night', '3:4'],
    ['a snowy mountain village with an owl', '16:9'],
    ['a cat and a balloon by the sea on a sunny day', '4:3'],
    ['a red fox with a cup of tea on a hill under the moon, gouache', '1:1'],
  ] as const;
  for (const [prompt, ratio] of images) {
    await ada.generate(prompt, { ratio });
    await ada.image(prompt).waitFor();
  }
  const { faults } = stack.parts.gemini!;
  faults.add({ match: 'a castle', fault: { kind: 'blocked' } });
  faults.add({ match: 'a whale', fault: { kind: 'latency', ms: 60_000 } });
  faults.add({ match: 'a bear', fault: { kind: 'latency', ms: 60_000 } });
  await ada.generate('a castle at midnight', { ratio: '1:1' });
  await ada.page.getByText('refunded').first().waitFor();
  await ada.generate('a whale over the city at dusk', { ratio: '16:9' });
  await ada.progress('a whale', 40);
  await ada.generate('a bear reading in a tent', { ratio: '4:5' });
  await ada.progress('a bear', 20);
  await ada.page
    .getByLabel('What should the image show?')
    .fill('a rabbit with a lantern in the snow, woodcut');

  const dark = await ada.page.screenshot();
  await ada.page.emulateMedia({ colorScheme: 'light' });
  const small = actions(await ada.context.newPage());
  await small.page.setViewportSize(phone);
  await small.page.emulateMedia({ colorScheme: 'light' });
  await small.page.goto(stack.web!.url);
  await small.image('a red fox').waitFor();
  await small.image('a red fox').evaluate((image) => image.scrollIntoView({ block: 'center' }));
  const light = await small.page.screenshot();

  await writeFile(path.join(docs, 'web.png'), await compose(dark, light));
  if (drafts) await draft();

  async function draft() {
    await mkdir(drafts!, { recursive: true });
    const shoot = async (name: string) => ada.page.screenshot({ path: path.join(drafts!, `${name}.png`) });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of Object.entries({ desktop, phone })) {
        await ada.page.emulateMedia({ colorScheme });
        await ada.page.setViewportSize(viewport);
        for (const part of ['', 'gallery', 'prompts', 'ledger']) {
          await ada.page.goto(`${stack.web!.url}/#/${part}`);
          await ada.page.getByText('Loading').waitFor({ state: 'hidden' });
          await ada.page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
          await shoot(`${part || 'studio'}-${size}-${colorScheme}`);
        }
      }
    }
    await ada.page.goto(`${stack.web!.url}/#/gallery`);
    await ada.page.getByRole('button', { name: /^Open a snowy/ }).click();
    await shoot('lightbox-phone-dark');
    await ada.page.setViewportSize(desktop);
    await shoot('lightbox-desktop-dark');
  }
} finally {
  await browser.close();
  await stack.stop();
}

/** The phone stands in front of the desktop, at its right. */
async function compose(wide: Buffer, narrow: Buffer): Promise<Buffer> {
  const height = 640;
  const width = Math.round((phone.width / phone.height) * height);
  const shape = Buffer.from(
    `<svg width="${width}" height="${height}"><rect width="100%" height="100%" rx="22"/></svg>`,
  );
  const rounded = await sharp(narrow)
    .resize(width, height)
    .composite([{ input: shape, blend: 'dest-in' }])
    .png()
    .toBuffer();
  const margin = 60;
  return sharp(wide)
    .extend({ right: width - 180, bottom: margin, background: '#00000000' })
    .composite([{ input: rounded, left: desktop.width - 180, top: desktop.height + margin - height }])
    .png({ palette: true, quality: 86, effort: 8 })
    .toBuffer();
}
