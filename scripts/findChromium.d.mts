/** Finds an installed Chrome or Chromium, or downloads Playwright's, and returns its path. */
export function findChromium(): string;
