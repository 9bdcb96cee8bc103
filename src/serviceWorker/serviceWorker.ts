/**
 * Keeps one whole version of the site for use without a network. A version is stored file by file, each checked against its
 * SHA-256 of the build, and only once all are there can it take over: no page ever gets a mixed one. The training
 * images are not among them: the data loader keeps those itself.
 */
export {};

declare const self: ServiceWorkerGlobalScope;
/**
 * Written in by the build: a hash of the whole build, every file's address (`./` is the page) with its SHA-256, and the
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
/** Requests at once, so that the page's own are not held up. */
const AT_ONCE = 4;

self.addEventListener('install', (event) => event.waitUntil(store()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', ({ data }) => {
  if (data === 'activate') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOwn = request.method === 'GET' && request.url.startsWith(self.registration.scope);
  // The training images are the data loader's; an update need not wait for them.
  if (isOwn && !request.url.endsWith('.gz')) event.respondWith(answer(request));
});

async function store(): Promise<void> {
  const cache = await caches.open(OWN_CACHE);
  const left = Object.entries(files);
  const storeRest = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [file, hash] = next;
      const address = new URL(file, self.registration.scope).href;
      // `integrity` refuses a file of another version, `no-cache` an old copy of the browser's.
      const response = await fetch(address, { integrity: `sha256-${hash}`, cache: 'no-cache' });
      if (!response.ok) throw new Error(`serviceWorker: expected ${file}, found status ${response.status}`);
      await cache.put(address, isolated(response));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, storeRest));
  } catch (error) {
    // Half a version must not be taken for one that a tab still shows.
    await caches.delete(OWN_CACHE);
    throw error;
  }
}

/**
 * Says that the page is cross-origin isolated, which a static host seldom does: the engine's workers then share memory. It is
 * said in what is kept, because the browser keeps compiled code only for answers that come as they are kept.
 */
function isolated({ body, headers }: Response): Response {
  const more = new Headers(headers);
  for (const [name, value] of Object.entries(SITE.headers)) more.set(name, value);
  return new Response(body, { headers: more });
}

async function takeOver(): Promise<void> {
  const caching = await caches.keys();
  const others = caching.filter((name) => name.startsWith(PREFIX) && name !== OWN_CACHE);
  // Tabs that still show the version before fetch the rest of it from here; names with a hash never mean two things.
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
