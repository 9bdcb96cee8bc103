import { chromium } from '@playwright/test';
import { findChromium } from '../../scripts/findChromium.mjs';
import { CONTEXT } from '../page/context.ts';
import type { DrivenBrowser } from './driven.ts';

/** Chromium, driven by Playwright as in the browser tests. */
export async function startChromium(): Promise<DrivenBrowser> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ ...CONTEXT, serviceWorkers: 'allow' });
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return {
    name: 'chromium',
    async open(url) {
      // A change of only the fragment would not load the page.
      await page.goto('about:blank');
      await page.goto(url);
    },
    async reload() {
      await page.reload();
    },
    evaluate: (work, ...given) => page.evaluate(`(${work})(...${JSON.stringify(given)})`),
    async drag([first, ...others]) {
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const place of others) await page.mouse.move(...place);
      await page.mouse.up();
    },
    async touch(places) {
      const session = await page.context().newCDPSession(page);
      for (const [index, [x, y]] of places.entries()) {
        const type = index === 0 ? 'touchStart' : 'touchMove';
        await session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y }] });
      }
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await session.detach();
    },
    click: (x, y) => page.mouse.click(x, y),
    press: (key) => page.keyboard.press(key),
    async wheel(x, y, deltaY) {
      await page.mouse.move(x, y);
      await page.mouse.wheel(0, deltaY);
    },
    chooseFile: (selector, path) => page.setInputFiles(selector, path),
    resize: (width, height) => page.setViewportSize({ width, height }),
    screenshot: () => page.screenshot(),
    errors: async () => errors.splice(0),
    close: () => browser.close(),
  };
}
