import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../../scripts/findChromium.mjs';

/**
 * Drives Chromium over its debugging pipe. Playwright keeps every page visible and focused, so it cannot hide a page;
 * this client does not change the pages.
 */
export async function startChromium({ flags = [], width = 1440, height = 900 } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'untangle-lived-'));
  const process = spawn(
    findChromium(),
    [
      '--headless=new',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // The address bar's suggestion list is a separate page that costs a second of CPU.
      '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
      ...flags,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const connection = connect(process.stdio[3], process.stdio[4]);
  const { targetInfos } = await connection.send('Target.getTargets');
  return {
    send: connection.send,
    listen: connection.listen,
    blank: targetInfos.find(({ type }) => type === 'page').targetId,
    async newPage(url) {
      const { targetId } = await connection.send('Target.createTarget', { url });
      return openPage(connection, targetId);
    },
    activate: (targetId) => connection.send('Target.activateTarget', { targetId }),
    async close() {
      await Promise.race([connection.send('Browser.close'), ended(process)]);
      await ended(process);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Resolves when a function in the page gives something true. */
export async function until(page, condition, ...given) {
  while (!(await page.evaluate(condition, ...given))) await new Promise((resolve) => setTimeout(resolve, 50));
}

function ended(process) {
  return process.exitCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => {
        process.once('exit', resolve);
      });
}

/** Messages are JSON, each followed by a zero byte. */
function connect(input, output) {
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  let pending = [];
  output.on('data', (chunk) => {
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0)) {
      receive(JSON.parse(Buffer.concat([...pending, chunk.subarray(0, end)]).toString()));
      pending = [];
      chunk = chunk.subarray(end + 1);
    }
    if (chunk.length > 0) pending.push(chunk);
  });
  function receive(message) {
    const { id, error, result } = message;
    if (id === undefined) {
      for (const listener of listeners) listener(message);
      return;
    }
    const { resolve, reject, method } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(`${method}: ${error.message}`));
    else resolve(result);
  }
  return {
    send(method, params = {}, sessionId = undefined) {
      const id = ++last;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, method });
      });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function openPage(connection, targetId) {
  const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => connection.send(method, params, sessionId);
  await send('Page.enable');
  await send('Runtime.enable');
  const page = {
    targetId,
    send,
    listen: (method, listener) =>
      connection.listen((message) => {
        if (message.sessionId === sessionId && message.method === method) listener(message.params);
      }),
    /** Runs a function in the page; arguments and result are passed as JSON. */
    async evaluate(work, ...given) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression: `(${work})(...${JSON.stringify(given)})`,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      });
      if (exceptionDetails) {
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      return result.value;
    },
    /** A real click in the middle of an element. */
    async click(selector) {
      const [x, y] = await page.evaluate((selector) => {
        const box = document.querySelector(selector).getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      }, selector);
      const at = { x, y, button: 'left', clickCount: 1 };
      await send('Input.dispatchMouseEvent', { ...at, type: 'mousePressed' });
      await send('Input.dispatchMouseEvent', { ...at, type: 'mouseReleased' });
    },
  };
  return page;
}
