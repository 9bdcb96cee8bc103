/**
 * Stores one complete version of the site for offline use. Each file is checked against its SHA-256 from the build, and a
 * version is activated only when complete, so no page mixes versions. The data loader stores the training images
 * separately.
 */
export {};

declare const self: ServiceWorkerGlobalScope;
/**
 * Inserted by the build: a hash of the whole build, every file's address (`./` is the page) with its SHA-256, and the
 * headers that isolate the page.
 */
declare const SITE: {
  version: string;
  files: Record<string, string>;
  headers: Record<string, string>;
};

const { version, files } = SITE;
const PREFIX = `untangle-site:${self.registration.scope}:`;
const OWN_CACHE = PREFIX + version;
const PAGE = './';
/** Parallel requests, few enough not to delay the page's own. */
const AT_ONCE = 4;

self.addEventListener('install', (event) => event.waitUntil(store()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', ({ data }) => {
  if (data === 'activate') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOwn = request.method === 'GET' && request.url.startsWith(self.registration.scope);
  // The data loader stores the training images, so an update need not wait for them.
  if (isOwn && !request.url.endsWith('.gz')) event.respondWith(answer(request));
});

async function store(): Promise<void> {
  const cache = await caches.open(OWN_CACHE);
  const left = Object.entries(files);
  const storeRest = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [file, hash] = next;
      const address = new URL(file, self.registration.scope).href;
      // `integrity` rejects files of other versions; `no-cache` bypasses old copies in the browser's cache.
      const response = await fetch(address, { integrity: `sha256-${hash}`, cache: 'no-cache' });
      if (!response.ok) throw new Error(`serviceWorker: expected ${file}, found status ${response.status}`);
      await cache.put(address, isolated(response));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, storeRest));
  } catch (error) {
    // Delete a partial version, which would otherwise pass for a version that a tab still uses.
    await caches.delete(OWN_CACHE);
    throw error;
  }
}

/**
 * Adds the headers for cross-origin isolation, which static hosts rarely send and the engine's workers need to share
 * memory. The headers are stored with the response, because browsers cache compiled code only for responses served
 * unchanged from storage.
 */
function isolated({ body, headers }: Response): Response {
  const more = new Headers(headers);
  for (const [name, value] of Object.entries(SITE.headers)) more.set(name, value);
  return new Response(body, { headers: more });
}

async function takeOver(): Promise<void> {
  const caching = await caches.keys();
  const others = caching.filter((name) => name.startsWith(PREFIX) && name !== OWN_CACHE);
  // Tabs that use the previous version still fetch files from here; names with hashes are unambiguous.
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(OWN_CACHE);
  const url = new URL(request.url);
  const isPage = request.mode === 'navigate' && isPageAddress(url);
  const wanted = isPage ? new URL(PAGE, self.registration.scope).href : url.origin + url.pathname;
  const kept = await cache.match(wanted);
  if (kept) return kept;
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === OWN_CACHE) continue;
    const older = await (await caches.open(name)).match(wanted);
    if (older) return older;
  }
  return fetch(request);
}

function isPageAddress({ pathname }: URL): boolean {
  const { pathname: scope } = new URL(self.registration.scope);
  return pathname === scope || pathname === `${scope}index.html`;
}
