import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { createLatest } from '../ask/latest.ts';
import { analyzedLayers, logitsLayer } from '../ask/layers.ts';
import { settingsKey } from '../geometry/analysisSettings.ts';
import { analysesOf, type GeometryFinding, type GeometryResults } from '../geometry/geometryFinding.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import { selectForGeometry } from '../geometry/geometrySelection.ts';
import { checkGeometry } from '../geometry/geometrySettings.ts';
import type { GeometryState } from '../geometry/geometryState.ts';
import { analyzeLayer, layerJob } from '../geometry/layerAnalysis.ts';
import { farthestFromDone } from '../geometry/schedule.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import type { Compared, Comparison } from './comparison.ts';

interface ComparedGeometryState {
  /**
   * The compared run's figures with the panel's settings, by the page's layer that each stands beside, without the input
   * layer, which is the same for every network.
   */
  results: GeometryResults;
  /** Number of missing analyses of its snapshots. */
  left: number;
  progress?: { done: number; count: number };
  problem?: string;
}

/** The geometry of the compared run: the saved figures, and the missing ones on request. */
export interface ComparedGeometry {
  store: StoreApi<ComparedGeometryState>;
  /** Analyzes its snapshots, ends and middle first, and saves the figures with it. */
  compute(): Promise<void>;
  cancel(): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  comparison: Comparison;
  geometry: StoreApi<GeometryState>;
  pool: GeometryPool;
}

/** A layer of the page's network, and the layer of the compared network that stands beside it. */
interface LayerPair {
  own: string;
  theirs: string;
}

/** Pairs logits with logits, whatever their names, and other layers with layers of the same name. */
export function pairedLayers(
  layers: readonly string[],
  network: NetworkDescription,
  compared: NetworkDescription,
): LayerPair[] {
  // Images of another shape are other data: nothing stands beside them.
  if (JSON.stringify(network.input) !== JSON.stringify(compared.input)) return [];
  const known = analyzedLayers(compared);
  return layers.flatMap((own) => {
    const theirs = own === logitsLayer(network) ? logitsLayer(compared) : own;
    return own !== 'input' && known.includes(theirs) ? [{ own, theirs }] : [];
  });
}

export function createComparedGeometry(parts: Parts): ComparedGeometry {
  const { labStore, comparison, geometry } = parts;
  const store = createStore<ComparedGeometryState>(() => ({ results: new Map(), left: 0 }));
  const { setState } = store;
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: () => setState({ progress: undefined }),
  });

  function layers(): LayerPair[] {
    const { compared } = comparison.store.getState();
    const { network } = labStore.getState();
    return compared ? pairedLayers(geometry.getState().settings.layers, network, compared.network) : [];
  }

  function refresh(): void {
    const { compared } = comparison.store.getState();
    const pairs = layers();
    const results = figuresBeside(pairs, compared, geometry.getState().settings);
    const missing = ({ own }: LayerPair) =>
      compared?.moments.filter(({ step }) => !results.get(own)?.has(step)).length ?? 0;
    setState({ results, left: pairs.reduce((sum, pair) => sum + missing(pair), 0) });
  }

  function stop(): void {
    request.cancel();
    setState({ problem: undefined });
  }

  comparison.store.subscribe(({ compared }, before) => {
    if (compared?.id !== before.compared?.id) stop();
    refresh();
  });
  geometry.subscribe(({ settings }, before) => {
    if (settings === before.settings) return;
    stop();
    refresh();
  });
  // A run may have been chosen before.
  refresh();

  return {
    store,
    async compute() {
      stop();
      const { left } = store.getState();
      const next = () => {
        const steps = comparison.store.getState().compared?.moments.map(({ step }) => step) ?? [];
        return nextAnalysis(layers(), steps, store.getState().results);
      };
      const onProgress = (done: number) => setState({ progress: { done, count: left } });
      await request.run((signal) => analyzeMissing(parts, { next, onProgress, signal }));
    },
    cancel: stop,
  };
}

/** The compared run's figures with these settings, by the page's layer that each stands beside. */
function figuresBeside(
  pairs: readonly LayerPair[],
  compared: Compared | undefined,
  settings: GeometryState['settings'],
): GeometryResults {
  const key = settingsKey(settings);
  const findings = (compared?.findings ?? []).filter((finding) => finding.kind === 'geometry');
  const same = findings.filter((finding) => settingsKey(finding.settings) === key);
  const found: GeometryResults = analysesOf(same).at(0)?.results ?? new Map();
  return new Map(
    pairs.flatMap(({ own, theirs }): [string, ReadonlyMap<number, LayerGeometry>][] => {
      const known = found.get(theirs);
      return known ? [[own, known]] : [];
    }),
  );
}

interface Missing {
  /** The next missing analysis, until none is left. */
  next(): (LayerPair & { step: number }) | undefined;
  onProgress(done: number): void;
  signal: AbortSignal;
}

/** Analyzes the compared run's layers one after another, and saves each result with that run. */
async function analyzeMissing(
  { labStore, comparison, geometry, pool }: Parts,
  { next, onProgress, signal }: Missing,
): Promise<void> {
  const { layers: _, ...settings } = geometry.getState().settings;
  const checked = checkGeometry(labStore.getState(), settings);
  const selection = selectForGeometry(labStore.getState(), checked);
  for (let done = 0; !signal.aborted; done++) {
    const wanted = next();
    if (!wanted) break;
    onProgress(done);
    const { theirs, step } = wanted;
    const { step: _, ...moment } = await comparison.networkNear(step);
    const job = layerJob({ moment, selection, settings: checked, layer: theirs });
    const result = await analyzeLayer(pool, job, [], { signal });
    signal.throwIfAborted();
    const found: GeometryFinding = { kind: 'geometry', settings, step, result };
    await comparison.add([found]);
  }
}

/** Alternates between layers, so that their curves grow together. */
function nextAnalysis(
  pairs: readonly LayerPair[],
  steps: readonly number[],
  results: GeometryResults,
): (LayerPair & { step: number }) | undefined {
  const candidates = pairs.flatMap((pair) => {
    const known = results.get(pair.own);
    const step = farthestFromDone(steps, (candidate) => known?.has(candidate) ?? false);
    return step === undefined ? [] : [{ ...pair, step, done: known?.size ?? 0 }];
  });
  return candidates.sort((a, b) => a.done - b.done).at(0);
}
