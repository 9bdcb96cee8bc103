import { useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { analyzedLayer } from '../../lab/ask/selection.ts';
import { resultAt } from '../../lab/geometry/geometryFinding.ts';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { ActivationsSource } from '../data/ActivationsSource.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { ActivationsGeometry } from './ActivationsGeometry.tsx';
import { ComparedStatus } from './ComparedStatus.tsx';
import {
  choicesNote,
  estimatorInterval,
  estimatorLabel,
  intervalsOf,
  measuresOf,
  viewOf,
} from './estimatorView.ts';
import { GeometryControls } from './GeometryControls.tsx';
import styles from './GeometryPanel.module.css';
import { GeometryStatus } from './GeometryStatus.tsx';
import { LineKey } from './LineKey.tsx';
import { MeasureColumn } from './MeasureColumn.tsx';
import type { RadiusKind } from './measures.ts';
import { StoryChart } from './StoryChart.tsx';
import { TangleTable } from './TangleTable.tsx';

const radiusOptions = [
  { value: 'median', label: 'Median radius' },
  { value: 'mean', label: 'Mean' },
] as const;
const stepOptions = [
  { value: 'log', label: 'Log steps' },
  { value: 'linear', label: 'Linear' },
] as const;
const lineOptions = [
  { value: 'layers', label: 'All classes' },
  { value: 'classes', label: 'Each class' },
] as const;

/** The geometry of the page's network, or of activations from elsewhere. */
export default function GeometryPanel() {
  const { activations } = useLabHandle();
  const shown = useStore(activations.store, (state) => (state.shown ? state.info : undefined));
  return (
    <>
      <ActivationsSource />
      {shown ? <ActivationsGeometry key={shown.name} info={shown} /> : <NetworkGeometry />}
    </>
  );
}

/** How the classes' manifolds untangle, layer by layer and over training. */
function NetworkGeometry() {
  const { geometry, comparison, comparedGeometry } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const classNames = useLab((state) => state.data?.classNames);
  const results = useStore(geometry.store, (state) => state.results);
  const step = useStore(geometry.store, (state) => state.step);
  const method = useStore(geometry.store, (state) => state.settings);
  const settings = useMemo(() => intervalsOf(method), [method]);
  const { layers, resamples } = settings;
  const colors = useColors();
  const [radius, setRadius] = useState<RadiusKind>('median');
  const [steps, setSteps] = useState<'log' | 'linear'>('log');
  const [wantedLines, setLines] = useState<'layers' | 'classes'>('layers');
  const [wanted, setWanted] = useState<string>();
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const theirResults = useStore(comparedGeometry.store, (state) => state.results);
  const chosen = useLab(chosenLayer);
  const lastShown = useRef(0);
  useWhileInView(place, geometry.watch);
  // A layer chosen on the page replaces the one chosen here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect belongs to the choice
  useEffect(() => setWanted(undefined), [chosen]);

  const followed = useLab((state) => chosen && analyzedLayer(state.network, chosen));
  const layer =
    [wanted, followed].find((name) => name !== undefined && layers.includes(name)) ??
    layers.at(-1) ??
    'input';
  const last = useMemo(
    () => Math.max(0, ...[...results].flatMap(([name, own]) => (name === 'input' ? [] : [...own.keys()]))),
    [results],
  );
  const isKnown = layers.some((name) => name !== 'input' && resultAt(results, name, step) !== undefined);
  if (isKnown) lastShown.current = step;
  const shown = isKnown ? step : lastShown.current;
  const stale = shown !== step;
  const measures = useMemo(() => measuresOf(method), [method]);
  const seen = useMemo(() => viewOf(results, method), [results, method]);
  const names = classNames ?? [];
  const trained = shown > 0 ? shown : last;
  const note = choicesNote(method);
  const lines = note === undefined ? wantedLines : 'layers';
  const story = useMemo(
    () => ({ results: seen, layers, radius, resamples, trained }),
    [seen, layers, radius, resamples, trained],
  );
  const theirs = useMemo(
    () =>
      name !== undefined && theirResults.size > 0
        ? { name: `“${name}”`, results: viewOf(theirResults, method) }
        : undefined,
    [name, theirResults, method],
  );
  return (
    <div ref={place}>
      <GeometryControls />
      <GeometryStatus />
      <ComparedStatus />
      <div className={styles.heading}>
        <p role="status" className={stale ? styles.stale : undefined}>
          at step {formatCount(shown)}
          {stale ? `, not yet of step ${formatCount(step)}` : ''}
        </p>
        {note === undefined && (
          <>
            <ToggleGroup
              label="Lines"
              hideLabel
              compact
              value={lines}
              options={lineOptions}
              onChange={setLines}
            />
            <ToggleGroup
              label="Radius"
              hideLabel
              compact
              value={radius}
              options={radiusOptions}
              onChange={setRadius}
            />
          </>
        )}
        <ToggleGroup
          label="Steps"
          hideLabel
          compact
          value={steps}
          options={stepOptions}
          onChange={setSteps}
        />
      </div>
      <LineKey {...{ lines, layers }} classNames={names} steps={{ shown, last }} theirs={theirs?.name}>
        {estimatorLabel(method)}. {note}{' '}
        {estimatorInterval(settings, resultAt(results, layer, shown)?.resampled?.kind)}
      </LineKey>
      <div className={styles.measures}>
        {measures.map((measure) => (
          <MeasureColumn
            key={measure.id}
            measure={measure}
            layer={layer}
            results={seen}
            layers={layers}
            radius={radius}
            resamples={resamples}
            classesOf={lines === 'classes' ? layer : undefined}
            classNames={names}
            colors={colors}
            shown={shown}
            last={last}
            stale={stale}
            log={steps === 'log'}
            theirs={lines === 'layers' ? theirs : undefined}
          />
        ))}
      </div>
      {method.estimator !== 'simulation' && <StoryChart story={story} label={estimatorLabel(method)} />}
      <TangleTable
        results={seen}
        meanField={results}
        measures={measures}
        label={estimatorLabel(method)}
        layers={layers}
        layer={layer}
        onLayer={setWanted}
        radius={radius}
        classNames={names}
        settings={settings}
        shown={shown}
        last={last}
        theirs={theirs}
      />
    </div>
  );
}
