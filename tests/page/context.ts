/** Applies to every page, including those of contexts that outlive a test. */
export const CONTEXT = {
  viewport: { width: 1440, height: 900 },
  // Motion is drawn in software here, and would take CPU time from training.
  reducedMotion: 'reduce',
  // Storing the site costs a second per page; the tests about storing allow it.
  serviceWorkers: 'block',
} as const;
