import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { serveSite } from '../page/site.ts';
import { listeningCopy } from './listeningSite.ts';
import { until } from './programs.ts';
import { openInWebKit } from './webkit.ts';

/** The page's report about itself. */
interface Told {
  step: number;
  isReady: boolean;
  /** By the service worker, which has stored the site by then. */
  isControlled: boolean;
  isIsolated: boolean;
  storedImages: number;
  errors: string[];
}

/** The page's own script: it trains three steps once its lab is ready, and keeps reporting its state to the server. */
const TELL = `
let isReady = false;
const start = setInterval(() => {
  if (!window.lab) return;
  clearInterval(start);
  lab.ready.then(() => { isReady = true; return lab.train({ engine: 'wasm', seed: 111, maxSteps: 3 }); })
    .catch((error) => window.consoleErrors.push(String(error)));
}, 100);
setInterval(async () => {
  const images = await (await caches.open('untangle-data-1')).keys();
  const told = {
    step: isReady ? lab.state.step : 0, isReady, isControlled: navigator.serviceWorker.controller !== null,
    isIsolated: crossOriginIsolated, storedImages: images.length, errors: window.consoleErrors,
  };
  await fetch('./told', { method: 'POST', body: JSON.stringify(told) });
}, 500);
`;

/**
 * Visits the built site in WebKit, ends the browser and the network, visits again and trains three steps.
 * @returns the second visit's report after training.
 */
export async function stepsOffline(): Promise<Pick<Told, 'step' | 'isIsolated' | 'errors'>> {
  const home = mkdtempSync(join(tmpdir(), 'untangle-webkit-'));
  const copy = listeningCopy({ more: TELL });
  let told: Told | undefined;
  let isOnline = true;
  const site = await serveSite({
    root: copy,
    intercept(request, response) {
      if (request.method === 'POST') {
        void json(request).then((value) => {
          told = value as Told;
        });
        response.end();
      } else if (!isOnline) {
        request.socket.destroy();
      }
      return request.method === 'POST' || !isOnline;
    },
  });
  const visit = async (isOver: (told: Told) => boolean, what: string): Promise<Told> => {
    told = undefined;
    const browser = openInWebKit(site.url, home);
    try {
      await until(() => told !== undefined && isOver(told), what, 90_000);
    } catch (error) {
      throw new Error(`stepsOffline: the page told ${JSON.stringify(told)}`, { cause: error });
    } finally {
      await browser.close();
    }
    if (!told) throw new Error(`stepsOffline: expected ${what}, found no page`);
    return told;
  };
  try {
    await visit(
      ({ step, isControlled, storedImages }) => step === 3 && isControlled && storedImages === 4,
      'a first visit with all images stored',
    );
    isOnline = false;
    const { step, isIsolated, errors } = await visit(({ step }) => step === 3, 'three steps offline');
    return { step, isIsolated, errors };
  } finally {
    await site.close();
    for (const folder of [home, copy]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
