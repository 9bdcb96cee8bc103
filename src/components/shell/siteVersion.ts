import { createStore } from 'zustand/vanilla';

/** A newer version of the site, fully stored and waiting to be activated. */
export const siteVersion = createStore<{ waiting?: ServiceWorker }>(() => ({}));

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
  const { waiting } = siteVersion.getState();
  if (!waiting) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('activate');
}
