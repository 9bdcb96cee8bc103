/** Of every page, those of contexts that outlive a test included. */
export const CONTEXT = {
  viewport: { width: 1440, height: 900 },
  // Motion is drawn in software here, and costs the cores that the tests train on.
  reducedMotion: 'reduce',
  // Storing the site costs each page a second; the tests about it allow it.
  serviceWorkers: 'block',
} as const;
