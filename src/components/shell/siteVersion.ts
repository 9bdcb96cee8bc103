import { createStore } from 'zustand/vanilla';
import { browserStorage } from '../context/browserStorage.ts';

/** A newer version of the site, fully stored and waiting to be activated. */
export const siteVersion = createStore<{ waiting?: ServiceWorker }>(() => ({}));

/** Milliseconds until the page is reloaded even if the newer version is still waiting, and the number of these reloads. */
const PATIENCE = 3000;
const MOST_RELOADS = 3;
/** Where a tab keeps the number of these reloads. */
const RELOADS = 'untangle-update-reloads';

/** How often an open page checks for a newer version (ms). */
const LOOK_AGAIN = 3_600_000;

/**
 * Starts the service worker, so that later visits need no network. The page also works without one (plain http, private
 * windows, old browsers).
 */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const address = new URL('serviceWorker.js', document.baseURI);
  try {
    const registration = await navigator.serviceWorker.register(address);
    const noteWaiting = () => {
      // Only an update waits; the first version activates itself.
      if (registration.waiting && registration.active) {
        siteVersion.setState({ waiting: registration.waiting });
      }
    };
    noteWaiting();
    finishUpdate();
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', noteWaiting);
    });
    setInterval(() => void registration.update().catch(() => undefined), LOOK_AGAIN);
  } catch {
    // Service workers are forbidden here, so the page needs the network.
  }
}

/** Activates the waiting version and reloads the page. */
export function updateSite(): void {
  activate(0);
}

/**
 * Chromium gives an activation up if a page requests files at that moment (github.com/w3c/ServiceWorker/issues/1295), and
 * tries again when a page loads.
 */
function activate(reloads: number): void {
  const { waiting } = siteVersion.getState();
  if (!waiting) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  if (reloads < MOST_RELOADS) {
    setTimeout(() => {
      browserStorage('sessionStorage')?.setItem(RELOADS, String(reloads + 1));
      location.reload();
    }, PATIENCE);
  }
  waiting.postMessage('activate');
}

/** A page that was reloaded before the newer version was active may still be the older one. */
function finishUpdate(): void {
  const reloads = Number(browserStorage('sessionStorage')?.getItem(RELOADS) ?? 0);
  if (reloads === 0) return;
  browserStorage('sessionStorage')?.setItem(RELOADS, '0');
  if (siteVersion.getState().waiting) activate(reloads);
  else location.reload();
}
