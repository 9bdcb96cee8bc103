import { settingsKey } from './analysisSettings.ts';
import {
  type Analyses,
  analysesOf,
  findingsOf,
  type GeometryFinding,
  type GeometryResults,
} from './geometryFinding.ts';
import type { AnalysisSettings } from './geometrySettings.ts';

/** Results are kept for at most this many settings. */
const MOST_SETTINGS = 8;

/** The run's results by settings, most recently used last. The oldest are dropped for new ones. */
export class KeptAnalyses {
  readonly #bySettings = new Map<string, Analyses>();
  readonly #forget: (findings: readonly GeometryFinding[]) => void;

  /** @param forget receives the dropped findings. */
  constructor(forget: (findings: readonly GeometryFinding[]) => void) {
    this.#forget = forget;
  }

  keep(analyses: Analyses): void {
    const key = settingsKey(analyses.settings);
    this.#bySettings.delete(key);
    this.#bySettings.set(key, analyses);
    if (this.#bySettings.size <= MOST_SETTINGS) return;
    const [[oldest, dropped]] = this.#bySettings;
    this.#bySettings.delete(oldest);
    this.#forget(findingsOf(dropped));
  }

  resultsOf(settings: AnalysisSettings): GeometryResults {
    return this.#bySettings.get(settingsKey(settings))?.results ?? new Map();
  }

  /** Restores findings. If `settings` have no results, the last used settings with results apply. */
  restore(findings: readonly GeometryFinding[], settings: AnalysisSettings): Analyses | undefined {
    for (const analyses of analysesOf(findings)) this.keep(analyses);
    return this.#bySettings.get(settingsKey(settings)) ?? [...this.#bySettings.values()].at(-1);
  }

  clear(): void {
    this.#bySettings.clear();
  }
}
