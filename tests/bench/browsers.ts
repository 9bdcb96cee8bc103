import { startChromium } from '../otherBrowsers/chromium.ts';
import type { DrivenBrowser } from '../otherBrowsers/driven.ts';
import { findFirefox, startFirefox } from '../otherBrowsers/firefox.ts';
import { startWebKit, webkitMissing } from '../otherBrowsers/webkit.ts';
import type {} from './page/page.ts';

/** Milliseconds per step of the wasm engine in workers, one value per round. */
export interface BrowserTimes {
  name: string;
  agent: string;
  alone: number[];
  byMessages: number[];
  bySharedMemory: number[];
}

const BROWSERS: { name: string; start(): Promise<DrivenBrowser>; isThere: boolean }[] = [
  { name: 'Chromium', start: startChromium, isThere: true },
  { name: 'Firefox', start: startFirefox, isThere: findFirefox() !== undefined },
  { name: 'WebKit', start: startWebKit, isThere: webkitMissing() === undefined },
];

/** Times each installed browser on the benchmark's page, with and without cross-origin isolation. */
export async function timeBrowsers(
  { plain, isolated }: { plain: string; isolated: string },
  budget: number,
): Promise<BrowserTimes[]> {
  const times: BrowserTimes[] = [];
  for (const { name, start, isThere } of BROWSERS) {
    if (!isThere) continue;
    const browser = await start();
    try {
      const messages = await timeTeam(browser, plain, budget);
      const shared = await timeTeam(browser, isolated, budget);
      times.push({
        name,
        agent: messages.agent,
        alone: messages.alone,
        byMessages: messages.together,
        bySharedMemory: shared.exchange === 'shared memory' ? shared.together : [],
      });
    } finally {
      await browser.close();
    }
  }
  return times;
}

async function timeTeam(browser: DrivenBrowser, url: string, budget: number) {
  await browser.open(url);
  return browser.evaluate(async (budget) => {
    while (!window.timeTeam) await new Promise((resolve) => setTimeout(resolve, 50));
    return { agent: navigator.userAgent, ...(await window.timeTeam(budget)) };
  }, budget);
}
