import type { Finding } from './keep/findings.ts';
import type { PanelParts, Panels } from './panels.ts';
import type { Problems } from './state/problems.ts';

/** The panels' part of the lab, fetched separately because the page's first paint does not need it. */
export interface LatePanels {
  /** Fetches the part at the first call. After a failure, the next call tries again. */
  get(): Promise<Panels>;
  /** Gives the panels their findings about the present run, at once or when the panels have loaded. */
  restore(findings: readonly Finding[]): void;
}

export function createLatePanels(parts: PanelParts, problems: Problems): LatePanels {
  const { labStore } = parts;
  let fetching: Promise<Panels> | undefined;
  let restoreNow: ((findings: readonly Finding[]) => void) | undefined;
  let waiting: { run: number; findings: readonly Finding[] } | undefined;

  async function fetchPanels(): Promise<Panels> {
    const { createPanels, restorePanels } = await import('./panels.ts');
    const panels = createPanels(parts);
    restoreNow = (findings) => restorePanels(panels, findings, problems);
    // Another run may have started in the meantime.
    if (waiting?.run === labStore.getState().run) restoreNow(waiting.findings);
    waiting = undefined;
    return panels;
  }

  return {
    get() {
      fetching ??= fetchPanels().catch((error) => {
        fetching = undefined;
        throw error;
      });
      return fetching;
    },
    restore(findings) {
      if (restoreNow) restoreNow(findings);
      else waiting = { run: labStore.getState().run, findings };
    },
  };
}
