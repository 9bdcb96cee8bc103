import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { listenForPictures } from './components/activations/pageIntake.ts';
import { browserStorage } from './components/context/browserStorage.ts';
import { whileDragged } from './components/drawing/dragged.ts';
import { drawing } from './components/drawing/drawing.ts';
import { firstPaint } from './components/drawing/firstPaint.ts';
import { App } from './components/shell/App.tsx';
import { keepForOffline } from './components/shell/siteVersion.ts';
import { showRecordedOnArrival } from './lab/arrival.ts';
import { isSmallDevice } from './lab/keep/budgets.ts';
import { createLinkedRun } from './lab/keep/linkedRun.ts';
import { createTabLocks } from './lab/keep/tabLocks.ts';
import { createLab, type LabCore } from './lab/lab.ts';
import type { LabApi } from './lab/script/labApi.ts';
import type { ReadHash } from './lab/share/hash.ts';
import { CallError } from './ml/callError.ts';
import { startWorkers } from './workers/client.ts';
import { nextTask } from './workers/nextTask.ts';
import './styles/tokens.css';
import './styles/global.css';

declare global {
  interface Window {
    readonly lab: LabApi;
  }
}

// Most addresses have no link, so the code that reads links is loaded only if needed; if loading fails, the page starts
// without it.
if (location.hash.length > 1) void readLink(location.hash).then(start, () => start());
else void start();

async function start(link?: ReadHash): Promise<void> {
  const workers = startWorkers();
  const linkedRun = createLinkedRun(browserStorage('sessionStorage'));
  const begun = link && linkedRun.of(location.hash);
  const lab = createLab({
    workers,
    dataUrl: new URL('mnist/', document.baseURI).href,
    pageUrl: document.baseURI.replace(/#.*/s, ''),
    settings: link?.configuration.settings,
    whenDrawn: (callback) => drawing.whenDrawn(callback),
    whileDragged,
    storage: browserStorage('localStorage'),
    runStorage: workers.openRunStorage(),
    locks: createTabLocks(navigator.locks),
    comesBack: link ? (begun ?? false) : true,
    cores: navigator.hardwareConcurrency,
    // The first paint does not share the network with 10 MB of images.
    mayLoad: firstPaint(),
    isSmallDevice: isSmallDevice({
      gigabytes: deviceGigabytes(),
      isTouch: matchMedia('(pointer: coarse)').matches,
    }),
  });
  drawSparinglyInTraining(lab);
  const remember = () => linkedRun.remember(location.hash, lab.keep.store.getState().present);
  lab.keep.store.subscribe(({ present }, before) => {
    if (present !== before.present) remember();
  });
  // The page does not need the scripting API, so the first paint does not wait for it.
  void offerScripting(lab).then((isScripted) => {
    // Scripts get the initial network of the seed, not the recorded run.
    if (!link) void showRecordedOnArrival(lab, () => !isScripted());
  });
  listenForPictures(lab);

  // The page answers input between starting its lab and rendering.
  await nextTask();
  const root = document.getElementById('root');
  if (!root) throw new CallError('main', 'expected an element #root in index.html, found none');
  // A recorded run would replace the saved run that reopens.
  if (link && begun) link.configuration.recorded = undefined;
  if (link) lab.sharing.arrange(link);
  // Render in slices, so that the page stays responsive.
  startTransition(() => createRoot(root).render(<App lab={lab} first={link?.configuration.panel} />));
  window.addEventListener('hashchange', async () => {
    const next = await readLink(location.hash);
    if (!next) return;
    remember();
    void lab.sharing.follow(next);
    document.getElementById(next.configuration.panel ?? '')?.scrollIntoView();
  });
  // Store the site only after the lab is ready, so that storing does not delay the page. Skip it on the development server,
  // where files change often.
  if (import.meta.env.PROD) void lab.ready.then(keepForOffline);
}

/** While training takes every core, drawings wait for their turn; they are drawn at once when training stops. */
function drawSparinglyInTraining({ store }: LabCore): void {
  store.subscribe(({ status, engine }, before) => {
    if (status === before.status && engine === before.engine) return;
    drawing.setFull(status === 'training' && (engine?.workers ?? 1) >= navigator.hardwareConcurrency);
    if (status !== before.status) drawing.hand();
  });
}

/** Sets `window.lab`. Resolves to a function that tells whether a script has used it. */
async function offerScripting(lab: LabCore): Promise<() => boolean> {
  const [{ createLabApi }, whole] = await Promise.all([import('./lab/script/createLabApi.ts'), lab.whole()]);
  const api = createLabApi(whole);
  let isUsed = false;
  Object.defineProperty(window, 'lab', {
    configurable: true,
    get() {
      isUsed = true;
      return api;
    },
  });
  return () => isUsed;
}

async function readLink(hash: string): Promise<ReadHash | undefined> {
  const { readHash } = await import('./lab/share/hash.ts');
  return readHash(hash);
}

/** `navigator.deviceMemory`, which TypeScript's library lacks, as Firefox and Safari do. */
function deviceGigabytes(): number | undefined {
  return 'deviceMemory' in navigator && typeof navigator.deviceMemory === 'number'
    ? navigator.deviceMemory
    : undefined;
}
