/** Path of a Chrome or Chromium: one that is installed, else Playwright's own, which is fetched if need be. */
export function findChromium(): string;
