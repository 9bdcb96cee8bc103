import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './scripts/site/contentSecurityPolicy.ts';
import { serviceWorker } from './scripts/site/serviceWorker.ts';

/** What makes a page cross-origin isolated; on a static host the service worker says it from the second visit on. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Relative addresses: the built site works from any sub-path.
  base: './',
  plugins: [react(), contentSecurityPolicy(), serviceWorker()],
  server: { headers },
  preview: { headers },
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 3000, modulePreload: { polyfill: false } },
});
