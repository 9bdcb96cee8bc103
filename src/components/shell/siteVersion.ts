import { createStore } from 'zustand/vanilla';

/** A newer version of the site, stored whole and waiting for the word to take over. */
export const siteVersion = createStore<{ waiting?: ServiceWorker }>(() => ({}));

/** How often a page that stays open looks for a newer version (ms). */
const LOOK_AGAIN = 3_600_000;

/**
 * Starts the service worker, so that the next visits need no network. Without one (plain http, private windows, an old
 * browser) the page works all the same.
 */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const address = new URL('serviceWorker.js', document.baseURI);
  try {
    const registration = await navigator.serviceWorker.register(address);
    const noteWaiting = () => {
      // The very first version takes over by itself.
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
    // Forbidden here: the page then needs the network, as any page does.
  }
}

/** Lets the waiting version take over and shows it: the page loads anew. */
export function updateSite(): void {
  const { waiting } = siteVersion.getState();
  if (!waiting) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('activate');
}
