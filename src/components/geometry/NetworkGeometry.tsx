import { useEffect, useMemo, useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { analyzedLayer } from '../../lab/ask/layers.ts';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import type { GeometrySettings } from '../../lab/geometry/schedule.ts';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useClassNames, useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { useColors } from '../shared/colors.ts';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { ComparedStatus } from './ComparedStatus.tsx';
import { estimatorInterval, estimatorLabel, intervalsOf, measuresOf, viewOf } from './estimatorView.ts';
import { FigureChoices, useFigureChoices } from './FigureChoices.tsx';
import { GeometryControls } from './GeometryControls.tsx';
import styles from './GeometryPanel.module.css';
import { GeometryStatus } from './GeometryStatus.tsx';
import { LineKey } from './LineKey.tsx';
import { MeasureColumn } from './MeasureColumn.tsx';
import { StoryChart } from './StoryChart.tsx';
import { TangleTable } from './TangleTable.tsx';

/** How the classes' manifolds untangle, layer by layer and over training. */
export function NetworkGeometry() {
  const { geometry } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const classNames = useClassNames();
  const { results, method, step } = useFigures();
  const settings = useMemo(() => intervalsOf(method), [method]);
  const measures = useMemo(() => measuresOf(method), [method]);
  const seen = useMemo(() => viewOf(results, method), [results, method]);
  const theirs = useTheirFigures(method);
  const colors = useColors();
  const { layers, resamples } = settings;
  const { layer, setLayer } = useTableLayer(layers);
  const { shown, last } = useShownStep(results, layers, step);
  const choices = useFigureChoices(method);
  const { radius, lines, note } = choices;
  const label = estimatorLabel(method);
  const trained = shown > 0 ? shown : last;
  const story = useMemo(
    () => ({ results: seen, layers, radius, method, resamples, trained }),
    [seen, layers, radius, method, resamples, trained],
  );
  const common = { results: seen, layers, layer, radius, classNames, shown, last };
  useWhileInView(place, geometry.watch);
  return (
    <div ref={place}>
      <GeometryControls />
      <GeometryStatus />
      <ComparedStatus />
      <FigureChoices {...choices} shown={shown} step={step} />
      <LineKey {...{ lines, layers, classNames }} steps={{ shown, last }} theirs={theirs?.name}>
        {label}. {note} {estimatorInterval(settings, resultAt(results, layer, shown)?.resampled?.kind)}
      </LineKey>
      <div className={styles.measures}>
        {measures.map((measure) => (
          <MeasureColumn
            key={measure.id}
            {...{ ...common, measure, resamples, colors }}
            stale={shown !== step}
            classesOf={lines === 'classes' ? layer : undefined}
            log={choices.steps === 'log'}
            theirs={lines === 'layers' ? theirs : undefined}
          />
        ))}
      </div>
      {method.estimator !== 'simulation' && <StoryChart story={story} />}
      <TangleTable
        {...{ ...common, measures, label, settings, theirs }}
        meanField={results}
        onLayer={setLayer}
      />
    </div>
  );
}

/** The results and their step, which training changes many times a second, with the settings that belong to them. */
function useFigures() {
  return usePaced(
    useLabHandle().geometry.store,
    useShallow(({ results, settings: method, step }) => ({ results, method, step })),
  );
}

/** The layer of the table and the headings: the layer picked in the table, else the page's layer, else the last. */
function useTableLayer(layers: readonly string[]) {
  const [wanted, setLayer] = useState<string>();
  const chosen = useLab(chosenLayer);
  // A layer chosen on the page replaces the layer picked in the table.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect belongs to the choice
  useEffect(() => setLayer(undefined), [chosen]);
  const followed = useLab((state) => chosen && analyzedLayer(state.network, chosen));
  const found = [wanted, followed].find((name) => name !== undefined && layers.includes(name));
  return { layer: found ?? layers.at(-1) ?? 'input', setLayer };
}

/** The step to show: the moment's step once one of its layers is analyzed, and the previous step of this run until then. */
function useShownStep(results: GeometryResults, layers: readonly string[], step: number) {
  const lastShown = useRef(0);
  const last = useMemo(
    () => Math.max(0, ...[...results].flatMap(([name, own]) => (name === 'input' ? [] : [...own.keys()]))),
    [results],
  );
  const isKnown = (at: number) =>
    layers.some((name) => name !== 'input' && resultAt(results, name, at) !== undefined);
  // Another run's results do not have the step shown before.
  const shown = [step, lastShown.current].find(isKnown) ?? 0;
  lastShown.current = shown;
  return { shown, last };
}

/** The compared run's figures by the same estimator, if there are any. */
function useTheirFigures(method: GeometrySettings) {
  const { comparison, comparedGeometry } = useLabHandle();
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const results = useStore(comparedGeometry.store, (state) => state.results);
  return useMemo(
    () =>
      name !== undefined && results.size > 0
        ? { name: `“${name}”`, results: viewOf(results, method) }
        : undefined,
    [name, results, method],
  );
}
