export const PANELS = [
  'train',
  'filters',
  'confusion',
  'gallery',
  'activations',
  'spectrum',
  'geometry',
  'metamers',
  'adversarial',
] as const;
/** Parts of the page, other than panels, that a link can hide. */
export const CONTROLS = ['settings', 'timeline', 'reset', 'step', 'share', 'export'] as const;

/** The lessons, in their order. */
export const LESSON_IDS = ['notebook', 'spectrum', 'capacity', 'metamers', 'adversarial', 'own'] as const;

export type LessonId = (typeof LESSON_IDS)[number];
export type PanelId = (typeof PANELS)[number];
export type Hideable = PanelId | (typeof CONTROLS)[number];
