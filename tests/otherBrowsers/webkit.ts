import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { DrivenBrowser } from './driven.ts';
import { findProgram, stopGroup, until } from './programs.ts';
import { type Command, overWebDriver } from './webDriver.ts';

const LIBRARIES = '/usr/lib';

/** WebKitGTK's small browser, included in Debian's webkit2gtk-driver. */
function findMiniBrowser(): string | undefined {
  if (process.env.MINIBROWSER_PATH) return process.env.MINIBROWSER_PATH;
  if (!existsSync(LIBRARIES)) return undefined;
  return readdirSync(LIBRARIES)
    .flatMap((machine) =>
      ['4.1', '6.0', '4.0'].map((version) => `${LIBRARIES}/${machine}/webkit2gtk-${version}/MiniBrowser`),
    )
    .find(existsSync);
}

/** Says what is missing to drive WebKit; undefined if nothing is. */
export function webkitMissing(): string | undefined {
  const missing = ['WebKitWebDriver', 'Xvfb', 'xvfb-run', 'dbus-run-session'].filter(
    (name) => !findProgram(undefined, [name]),
  );
  if (!findMiniBrowser()) missing.push('MiniBrowser');
  return missing.length > 0 ? missing.join(', ') : undefined;
}

/**
 * Without a sandbox (the tests run as root in containers) and without a GPU. Isolated pages have `SharedArrayBuffer` in Safari
 * by themselves, in WebKitGTK only on request.
 */
const ENVIRONMENT = {
  JSC_useSharedArrayBuffer: '1',
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
};

const ROUTES: Record<Command, { method: 'GET' | 'POST'; path: string }> = {
  Navigate: { method: 'POST', path: 'url' },
  Refresh: { method: 'POST', path: 'refresh' },
  ExecuteScript: { method: 'POST', path: 'execute/sync' },
  ExecuteAsyncScript: { method: 'POST', path: 'execute/async' },
  TakeScreenshot: { method: 'GET', path: 'screenshot' },
  SetWindowRect: { method: 'POST', path: 'window/rect' },
  SetTimeouts: { method: 'POST', path: 'timeouts' },
  FindElement: { method: 'POST', path: 'element' },
  ElementSendKeys: { method: 'POST', path: 'element/:id/value' },
  PerformActions: { method: 'POST', path: 'actions' },
};

/** Starts a program on a separate display. WebKit hangs outside `dbus-run-session`. */
function withDisplay(program: string, parameters: string[], environment: Record<string, string> = {}) {
  return spawn(
    'dbus-run-session',
    ['--', 'xvfb-run', '-a', '-s', '-screen 0 1600x1300x24', program, ...parameters],
    { stdio: 'ignore', detached: true, env: { ...process.env, ...ENVIRONMENT, ...environment } },
  );
}

/**
 * Opens a page in WebKit without a driver, as a person does, with a profile in `home`. A driven WebKit is always a private
 * window, which deletes a page's stored data as soon as nothing uses them.
 */
export function openInWebKit(url: string, home: string): { close(): Promise<void> } {
  const places = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CACHE_HOME: join(home, 'cache') };
  const child = withDisplay(findMiniBrowser() ?? 'MiniBrowser', [url], places);
  return { close: () => stopGroup(child) };
}

/** Starts WebKit and drives it by WebKitWebDriver. */
export async function startWebKit(): Promise<DrivenBrowser> {
  const port = await freePort();
  const child = withDisplay('WebKitWebDriver', [`--port=${port}`]);
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: method === 'POST' ? JSON.stringify(body) : undefined,
    });
    const { value } = await response.json();
    if (value?.error) throw new Error(`WebKit: ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  try {
    await until(
      () =>
        call('GET', '/status').then(
          () => true,
          () => false,
        ),
      'WebKitWebDriver',
    );
    const options = { binary: findMiniBrowser(), args: ['--automation'] };
    const session = await call('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
    });
    const id = session && typeof session === 'object' ? Reflect.get(session, 'sessionId') : undefined;
    const gathered: string[] = [];
    const gather = async () => {
      gathered.push(
        ...(await browser.evaluate(() => {
          const errors: string[] = Reflect.get(window, 'consoleErrors') ?? [];
          return errors.splice(0);
        })),
      );
    };
    const browser = await overWebDriver({
      name: 'webkit',
      async send(command, { id: element, ...parameters } = {}) {
        // Collect a page's errors before it ends, because they end with the page.
        if (command === 'Navigate' || command === 'Refresh') await gather();
        const { method, path } = ROUTES[command];
        return call(method, `/session/${id}/${path.replace(':id', String(element))}`, parameters);
      },
      async errors() {
        await gather();
        return gathered.splice(0);
      },
      close: () => stopGroup(child),
    });
    // WebKitGTK's driver turns a finger into the mouse, so the page receives a finger's events from a script.
    return { ...browser, touch: (places) => browser.evaluate(fingerEvents, places) };
  } catch (error) {
    await stopGroup(child);
    throw error;
  }
}

/** In the page. A pointer can be captured only if it exists, which the mouse, number 1, always does. */
function fingerEvents(places: [x: number, y: number][]): void {
  const finger = { pointerId: 1, pointerType: 'touch', isPrimary: true, bubbles: true, cancelable: true };
  const target = document.elementFromPoint(...places[0]);
  const send = (type: string, [clientX, clientY]: [number, number], buttons: number) =>
    target?.dispatchEvent(
      new PointerEvent(type, {
        ...finger,
        clientX,
        clientY,
        buttons,
        button: type === 'pointermove' ? -1 : 0,
      }),
    );
  send('pointerdown', places[0], 1);
  for (const place of places.slice(1)) send('pointermove', place, 1);
  send('pointerup', places[places.length - 1], 0);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
