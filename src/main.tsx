import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { listenForPictures } from './components/activations/pageIntake.ts';
import { App } from './components/shell/App.tsx';
import { keepForOffline } from './components/shell/siteVersion.ts';
import { showRecordedOnArrival } from './lab/arrival.ts';
import { createLinkedRun } from './lab/keep/linkedRun.ts';
import { createTabLocks } from './lab/keep/tabLocks.ts';
import { createLab } from './lab/lab.ts';
import type { LabApi } from './lab/script/labApi.ts';
import type { ReadHash } from './lab/share/hash.ts';
import type { TextStorage } from './lab/state/timings.ts';
import { CallError } from './ml/callError.ts';
import { startWorkers } from './workers/client.ts';
import './styles/tokens.css';
import './styles/global.css';

declare global {
  interface Window {
    readonly lab: LabApi;
  }
}

// Most addresses are no link: the page does not wait for what reads one, and comes without it if need be.
if (location.hash.length > 1) void readLink(location.hash).then(start, () => start());
else start();

function start(link?: ReadHash): void {
  const workers = startWorkers();
  const linkedRun = createLinkedRun(storageOf('sessionStorage'));
  const begun = link && linkedRun.of(location.hash);
  const lab = createLab({
    workers,
    dataUrl: new URL('mnist/', document.baseURI).href,
    pageUrl: document.baseURI.replace(/#.*/s, ''),
    settings: link?.configuration.settings,
    whenDrawn: (callback) => requestAnimationFrame(callback),
    storage: storageOf('localStorage'),
    runStorage: workers.openRunStorage(),
    locks: createTabLocks(navigator.locks),
    comesBack: link ? (begun ?? false) : true,
    cores: navigator.hardwareConcurrency,
  });
  const remember = () => linkedRun.remember(location.hash, lab.keep.store.getState().present);
  lab.keep.store.subscribe(({ present }, before) => {
    if (present !== before.present) remember();
  });
  let scripted = false;
  // Nothing that the page shows needs it, so its first paint does not wait for it.
  const scriptable = import('./lab/script/createLabApi.ts').then(({ createLabApi }) => {
    const api = createLabApi(lab);
    // A script finds the fresh network of the seed, not the recorded run.
    Object.defineProperty(window, 'lab', {
      configurable: true,
      get() {
        scripted = true;
        return api;
      },
    });
  });
  if (!link) void scriptable.then(() => showRecordedOnArrival(lab, () => !scripted));
  listenForPictures(lab);

  const root = document.getElementById('root');
  if (!root) throw new CallError('main', 'expected an element #root in index.html, found none');
  // A recorded run would take the place of the run that comes back.
  if (link && begun) link.configuration.recorded = undefined;
  if (link) lab.sharing.arrange(link);
  // In slices, so that the page answers while it comes.
  startTransition(() => createRoot(root).render(<App lab={lab} first={link?.configuration.panel} />));
  window.addEventListener('hashchange', async () => {
    const next = await readLink(location.hash);
    if (!next) return;
    remember();
    void lab.sharing.follow(next);
    document.getElementById(next.configuration.panel ?? '')?.scrollIntoView();
  });
  // Not before the lab stands: storing the site must not hold up the page. The development server changes too often.
  if (import.meta.env.PROD) void lab.ready.then(keepForOffline);
}

async function readLink(hash: string): Promise<ReadHash | undefined> {
  const { readHash } = await import('./lab/share/hash.ts');
  return readHash(hash);
}

/** Reading it throws where cookies are blocked. */
function storageOf(kind: 'localStorage' | 'sessionStorage'): TextStorage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}
