import type { Split } from '../../ml/data/dataset.ts';
import type { AnalysisSettings } from '../geometry/geometryFinding.ts';
import type { Hideable, PanelId } from '../state/pageParts.ts';
import type { Settings } from '../state/settings.ts';
import type { Moment } from '../state/state.ts';

/** Settings that a link carries. */
export type SharedSettings = Omit<Settings, 'engine'>;

export interface Configuration {
  /** Only what the link says; the rest is the default. */
  settings: Partial<SharedSettings>;
  panel?: PanelId;
  /** The layer that Spectrum and Metamers look at. */
  layer?: string;
  image?: { split: Split; index: number };
  /** How Geometry draws images, searches and measures. */
  geometry?: AnalysisSettings;
  at?: Moment | 'best';
  /** The run that comes with the site is shown. */
  recorded?: boolean;
  hide: readonly Hideable[];
}
