import type { BrowserName, DrivenBrowser } from './driven.ts';

/** The WebDriver commands (w3c.github.io/webdriver) that the journey needs, with Marionette's names. */
export type Command =
  | 'Navigate'
  | 'Refresh'
  | 'ExecuteAsyncScript'
  | 'ExecuteScript'
  | 'TakeScreenshot'
  | 'SetWindowRect'
  | 'SetTimeouts'
  | 'FindElement'
  | 'ElementSendKeys'
  | 'PerformActions';

/** Sends a command and returns the `value` of its answer. */
type Send = (command: Command, parameters?: Record<string, unknown>) => Promise<unknown>;

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

interface Connection {
  name: BrowserName;
  send: Send;
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

/** A browser that supports WebDriver. */
export async function overWebDriver({ name, send, errors, close }: Connection): Promise<DrivenBrowser> {
  await send('SetTimeouts', { script: 90_000, pageLoad: 30_000 });
  const pointer = (actions: Record<string, unknown>[], pointerType: 'mouse' | 'touch' = 'mouse') =>
    send('PerformActions', {
      actions: [{ type: 'pointer', id: pointerType, parameters: { pointerType }, actions }],
    });
  const moveTo = ([x, y]: [number, number], duration = 0) => ({
    type: 'pointerMove',
    duration,
    x: Math.round(x),
    y: Math.round(y),
    origin: 'viewport',
  });
  const down = { type: 'pointerDown', button: 0 };
  const up = { type: 'pointerUp', button: 0 };
  return {
    name,
    async open(url) {
      await openPage(name, send, url);
    },
    async reload() {
      await send('Refresh');
    },
    async evaluate<Result, Given extends unknown[]>(
      work: (...given: Given) => Result | Promise<Result>,
      ...given: Given
    ): Promise<Result> {
      const script = `const [given, done] = arguments;
        (async () => (${work})(...JSON.parse(given)))().then(
          (result) => done(JSON.stringify({ result })),
          (error) => done(JSON.stringify({ error: String(error) + ' ' + (error?.stack ?? '') })),
        );`;
      const answer = await send('ExecuteAsyncScript', { script, args: [JSON.stringify(given)] });
      const { result, error } = JSON.parse(String(answer));
      if (error) throw new Error(`${name}: ${error}`);
      return result;
    },
    async drag([first, ...others]) {
      await pointer([moveTo(first), down, ...others.map((place) => moveTo(place, 20)), up]);
    },
    async touch([first, ...others]) {
      await pointer([moveTo(first), down, ...others.map((place) => moveTo(place, 20)), up], 'touch');
    },
    async click(x, y) {
      await pointer([moveTo([x, y]), down, up]);
    },
    async press(key) {
      const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: KEYS[key] ?? key }));
      await send('PerformActions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
    },
    async wheel(x, y, deltaY) {
      const scroll = { type: 'scroll', x, y, deltaX: 0, deltaY, origin: 'viewport', duration: 0 };
      await send('PerformActions', { actions: [{ type: 'wheel', id: 'wheel', actions: [scroll] }] });
    },
    async chooseFile(selector, path) {
      const found = await send('FindElement', { using: 'css selector', value: selector });
      const id = found && typeof found === 'object' ? Reflect.get(found, ELEMENT) : undefined;
      if (!id) throw new Error(`chooseFile: expected ${selector} on the page, found none`);
      await send('ElementSendKeys', { id, text: path });
    },
    async resize(width, height) {
      await send('SetWindowRect', { x: 0, y: 0, width, height });
    },
    screenshot: async () => Buffer.from(String(await send('TakeScreenshot', { full: false })), 'base64'),
    errors,
    close,
  };
}

async function openPage(name: BrowserName, send: Send, url: string): Promise<void> {
  try {
    await send('Navigate', { url });
  } catch (error) {
    // Firefox's driver has missed the end of a load, in one of hundreds; the document itself says whether it has loaded.
    const script = 'return [location.href, document.readyState];';
    const found = await send('ExecuteScript', { script, args: [] });
    if (JSON.stringify(found) === JSON.stringify([url, 'complete'])) return;
    throw new Error(`${name}: expected ${url} to load, found ${found} (${error})`);
  }
}

/** WebDriver's codes for keys without a character. */
const KEYS: Record<string, string> = {
  Tab: '\uE004',
  Enter: '\uE007',
  Escape: '\uE00C',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
};
