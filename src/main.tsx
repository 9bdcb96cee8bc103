import { createRoot } from 'react-dom/client';
import { listenForPictures } from './components/activations/pageIntake.ts';
import { App } from './components/shell/App.tsx';
import { keepForOffline } from './components/shell/siteVersion.ts';
import { createLab } from './lab/lab.ts';
import { createLabApi, type LabApi } from './lab/scripting.ts';
import type { TextStorage } from './lab/timings.ts';
import { startWorkers } from './workers/client.ts';
import './styles/tokens.css';
import './styles/global.css';

declare global {
  interface Window {
    lab: LabApi;
  }
}

const lab = createLab({
  workers: startWorkers(),
  dataUrl: new URL('mnist/', document.baseURI).href,
  whenDrawn: (callback) => requestAnimationFrame(callback),
  storage: pageStorage(),
  cores: navigator.hardwareConcurrency,
});
window.lab = createLabApi(lab);
listenForPictures(lab);

const root = document.getElementById('root');
if (!root) throw new Error('main: expected an element #root in index.html, found none');
createRoot(root).render(<App lab={lab} />);
// Not before the lab stands: storing the site must not hold up the page. The development server changes too often.
if (import.meta.env.PROD) void lab.ready.then(keepForOffline);

/** Reading `localStorage` itself throws where cookies are blocked. */
function pageStorage(): TextStorage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
