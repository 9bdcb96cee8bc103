import type { DrivenBrowser } from './driven.ts';

/** Waits until the page satisfies a condition. Reading fails while the page loads. */
export async function untilPage<Given extends unknown[]>(
  browser: DrivenBrowser,
  isSo: (...given: Given) => boolean | Promise<boolean>,
  ...given: Given
): Promise<void> {
  const end = Date.now() + 40_000;
  let last: unknown;
  for (;;) {
    const answer = await browser.evaluate(isSo, ...given).catch((error: unknown) => {
      last = error;
      return false;
    });
    if (answer) return;
    if (Date.now() > end) throw new Error(`${browser.name}: expected ${isSo} within 40 s. ${last ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until an element shows a text. */
export async function seesText(browser: DrivenBrowser, selector: string, text: RegExp): Promise<void> {
  await untilPage(
    browser,
    (selector, source) => {
      const element = document.querySelector(selector);
      return element instanceof HTMLElement && new RegExp(source).test(element.innerText);
    },
    selector,
    text.source,
  );
}

export function standing(browser: DrivenBrowser): Promise<{ step: number; status: string }> {
  return browser.evaluate(() => ({ step: window.lab.state.step, status: window.lab.state.status }));
}

/** The step of a paused run, once the page has received its last steps. */
export function settledStep(browser: DrivenBrowser): Promise<number> {
  return browser.evaluate(async () => {
    const checkpoint = () => window.lab.runs().then(([run]) => run?.step);
    for (;;) {
      const { step } = window.lab.state;
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (window.lab.state.step === step && (await checkpoint()) === step) return step;
    }
  });
}

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Position of the first visible element with this name, in CSS pixels of the window. */
export async function placeOf(browser: DrivenBrowser, selector: string, name = ''): Promise<Place> {
  const find = (selector: string, name: string) => {
    const found = [...document.querySelectorAll(selector)].find((element) => {
      const named = element.getAttribute('aria-label') ?? element.textContent ?? '';
      return (name === '' || named.trim() === name) && element.getBoundingClientRect().width > 0;
    });
    const box = found?.getBoundingClientRect();
    return box && { x: box.x, y: box.y, width: box.width, height: box.height };
  };
  await untilPage(
    browser,
    (selector, name) => {
      return [...document.querySelectorAll(selector)].some((element) => {
        const named = element.getAttribute('aria-label') ?? element.textContent ?? '';
        return (name === '' || named.trim() === name) && element.getBoundingClientRect().width > 0;
      });
    },
    selector,
    name,
  );
  const place = await browser.evaluate(find, selector, name);
  if (!place) throw new Error(`placeOf: expected ${selector} "${name}" in the page, found none`);
  return place;
}

/** Drops a file of the computer on an element, with the events that the page receives in a browser. */
export async function dropPicture(
  browser: DrivenBrowser,
  selector: string,
  bytes: Buffer,
  name: string,
): Promise<void> {
  await browser.evaluate(
    (selector, base64, name) => {
      const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([data], name, { type: 'image/png' }));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        document.querySelector(selector)?.dispatchEvent(event);
      }
    },
    selector,
    bytes.toString('base64'),
    name,
  );
}
