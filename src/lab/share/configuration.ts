import type { Split } from '../../ml/data/dataset.ts';
import type { AnalysisSettings } from '../geometry/geometrySettings.ts';
import type { Hideable, LessonId, PanelId } from '../state/pageParts.ts';
import type { Settings } from '../state/settings.ts';
import type { Moment, RecordedId } from '../state/state.ts';

/** Settings that a link carries. */
export type SharedSettings = Omit<Settings, 'engine'>;

export interface Configuration {
  /** Settings in the link; all others are defaults. */
  settings: Partial<SharedSettings>;
  panel?: PanelId;
  /** The layer in Spectrum and Metamers. */
  layer?: string;
  image?: { split: Split; index: number };
  /** Geometry's settings. */
  geometry?: AnalysisSettings;
  at?: Moment | 'best';
  /** The recorded run to show. */
  recorded?: RecordedId | false;
  hide: readonly Hideable[];
  lesson?: LessonId;
  /** The only panel of a page in another page's frame. */
  embed?: PanelId;
}
