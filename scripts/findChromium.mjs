import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const INSTALLED = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES(X86)']}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
];

/** Finds an installed Chrome or Chromium, or downloads Playwright's, and returns its path. */
export function findChromium() {
  const installed = INSTALLED.find((path) => path && existsSync(path));
  if (installed) return installed;
  if (!existsSync(chromium.executablePath())) {
    console.log('No Chrome or Chromium found; installing one for the tests.');
    spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit', shell: true });
  }
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  throw new Error(
    'findChromium: expected a Chrome or Chromium, found none, and none could be installed. Install one, or set CHROME_PATH.',
  );
}
