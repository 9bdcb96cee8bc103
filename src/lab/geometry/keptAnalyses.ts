import {
  type Analyses,
  type AnalysisSettings,
  analysesOf,
  findingsOf,
  type GeometryFinding,
  type GeometryResults,
  settingsKey,
} from './geometryFinding.ts';

/** Results of so many settings are kept. */
const MOST_SETTINGS = 8;

/** The run's results by settings, those used last at the end; the oldest make room. */
export class KeptAnalyses {
  readonly #bySettings = new Map<string, Analyses>();
  readonly #forget: (findings: readonly GeometryFinding[]) => void;

  /** `forget` hears of the findings that make room. */
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

  /** Takes back findings; settings without results give way to the last that have some. */
  restore(findings: readonly GeometryFinding[], settings: AnalysisSettings): Analyses | undefined {
    for (const analyses of analysesOf(findings)) this.keep(analyses);
    return this.#bySettings.get(settingsKey(settings)) ?? [...this.#bySettings.values()].at(-1);
  }

  clear(): void {
    this.#bySettings.clear();
  }
}
