import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/findChromium.mjs';
import { CONTEXT } from './tests/page/context.ts';

/** Where scripts/test.mjs wants the report. */
const REPORT = process.env.BROWSER_REPORT;

export default defineConfig({
  testDir: 'tests/browser',
  timeout: 180_000,
  // A page that has just loaded 55 MB of images on a busy machine needs its time.
  expect: { timeout: 30_000 },
  // The tests train real networks: more of them at once than two cores bear would only make them time out.
  workers: 2,
  // A test that fails now and then has a cause to be found.
  retries: 0,
  reporter: REPORT ? [['list'], ['json', { outputFile: REPORT }]] : 'list',
  use: {
    viewport: CONTEXT.viewport,
    contextOptions: { reducedMotion: CONTEXT.reducedMotion },
    serviceWorkers: CONTEXT.serviceWorkers,
    launchOptions: {
      executablePath: findChromium(),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A name that is not localhost: what the browser gives to secure places only is missing there.
        '--host-resolver-rules=MAP plain.test 127.0.0.1',
        // Chromium draws its address bar's list as a page of its own: 1 s of CPU for every context. The others are those that
        // Playwright turns off, whose own list this replaces.
        `--disable-features=${[
          'WebUIOmniboxPopup',
          'WebUIOmniboxAimPopup',
          'WebUIOmniboxFullPopup',
          'AvoidUnnecessaryBeforeUnloadCheckSync',
          'DestroyProfileOnBrowserClose',
          'HttpsFirstBalancedModeAutoEnable',
          'HttpsUpgrades',
          'LensOverlay',
          'MediaRouter',
          'NetworkTimeServiceQuerying',
          'OptimizationHints',
          'PaintHolding',
          'PreconnectToSearch',
          'ThirdPartyStoragePartitioning',
        ].join()}`,
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
      ],
    },
  },
});
