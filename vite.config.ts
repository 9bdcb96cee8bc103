import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './scripts/site/contentSecurityPolicy.ts';
import { FIRST_CHUNK } from './scripts/site/firstChunk.ts';
import { ISOLATION } from './scripts/site/isolation.mjs';
import { serviceWorker } from './scripts/site/serviceWorker.ts';
import { unwrapPlotly } from './scripts/site/unwrapPlotly.ts';
import { WORKER_CHUNKS } from './scripts/site/workerChunks.ts';

export default defineConfig({
  // Relative addresses: the built site works from any sub-path.
  base: './',
  // JSX by the project's own runtime: page translators break texts beside other children.
  plugins: [react({ jsxImportSource: '#jsx' }), unwrapPlotly(), contentSecurityPolicy(), serviceWorker()],
  // On a static host the service worker says it, from the second visit on.
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: WORKER_CHUNKS } } },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: FIRST_CHUNK } },
  },
});
