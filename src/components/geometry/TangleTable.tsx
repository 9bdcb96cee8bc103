import type { ReactNode } from 'react';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import type { AnalysisSettings } from '../../lab/geometry/geometrySettings.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { formatCount, formatValue } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { Table } from '../shared/Table.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './GeometryPanel.module.css';
import { GlueDetails } from './GlueDetails.tsx';
import { type FigureChoice, figureOf, type Measure, type RadiusKind } from './measures.ts';
import { OneLabeling } from './OneLabeling.tsx';
import { SimilarityMatrix } from './SimilarityMatrix.tsx';
import { TheoryAndSimulation } from './TheoryAndSimulation.tsx';
import { type TheirFigures, theirResult } from './theirFigure.ts';
import { type Verdict, verdictOn } from './verdict.ts';
import { WhatWasDone } from './WhatWasDone.tsx';

const moments = ['untrained', 'shown', 'final'] as const;

interface TangleTableProps {
  /** The figures of the chosen estimator, and the mean-field results that hold them. */
  results: GeometryResults;
  meanField: GeometryResults;
  measures: readonly Measure[];
  /** The estimator's name, with its ensemble and centering. */
  label: string;
  layers: readonly string[];
  layer: string;
  onLayer: (layer: string) => void;
  radius: RadiusKind;
  classNames: readonly string[];
  settings: Pick<AnalysisSettings, 'estimator' | 'resamples' | 'samples'>;
  /** The analyzed step shown, and the first and last steps of the run. */
  shown: number;
  last: number;
  /** Figures of the compared run. */
  theirs?: TheirFigures;
}

/** The notebook's table of tangled and untangled manifolds, with this run's own numbers. */
export function TangleTable(props: TangleTableProps) {
  const { meanField, label, layers, layer, onLayer, radius, classNames, settings, shown } = props;
  const whole = resultAt(meanField, layer, shown);
  return (
    <section className={styles.tangle}>
      <div className={styles.heading}>
        <h3>Tangled or untangled? {whole?.glue && <small>{label}</small>}</h3>
        <ToggleGroup
          label="Layer of the table"
          hideLabel
          compact
          value={layer}
          options={layers.map((value) => ({ value, label: value }))}
          onChange={onLayer}
        />
      </div>
      <Measures {...props} />
      <p className={styles.note}>{noteOn(settings, whole)}</p>
      {whole?.glue && <GlueDetails layer={layer} glue={whole.glue} classes={whole.labels.length} />}
      {whole?.glue && <OneLabeling key={layer} layer={layer} shown={shown} classNames={classNames} />}
      {whole && !whole.glue && <WhatWasDone layer={layer} result={whole} classNames={classNames} />}
      <TheoryAndSimulation
        layer={layer}
        theory={whole}
        capacity={whole && figureOf(whole, { measure: 'capacity', radius }, settings.resamples)}
      />
      <SimilarityMatrix layer={layer} layers={layers} />
    </section>
  );
}

/** Every measure, tangled and untangled, at three moments of this run, and of the compared run. */
function Measures(props: TangleTableProps) {
  const { results, measures, layer, radius, settings, shown, last, theirs } = props;
  const untrained = resultAt(results, layer, 0);
  const now = resultAt(results, layer, shown);
  const end = resultAt(results, layer, last);
  // The input layer is the same for every network.
  const other =
    theirs &&
    (layer === 'input' ? now && { step: shown, result: now } : theirResult(theirs.results, layer, shown));
  return (
    <Table label="Measures, tangled and untangled" lines="below" className={styles.figures}>
      <thead>
        <tr>
          <th scope="col">Measure</th>
          <th scope="col">Tangled</th>
          <th scope="col">Untangled</th>
          <th scope="col">Untrained</th>
          <th scope="col">
            <LiveText text={`Step ${formatCount(shown)}`} digits={11} flows />
          </th>
          <th scope="col">Final</th>
          <th scope="col">Change since untrained</th>
          {theirs && (
            <th scope="col" className={styles.theirs} title={theirs.name}>
              {theirs.name}
              {other && `, step ${formatCount(other.step)}`}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {measures.map((measure) => (
          <TangleRow key={measure.id} {...{ measure, radius, settings, untrained, now, end }}>
            {theirs && (
              <Cell
                result={other?.result}
                choice={{ measure: measure.id, radius }}
                resamples={settings.resamples}
              />
            )}
          </TangleRow>
        ))}
      </tbody>
    </Table>
  );
}

interface TangleRowProps extends Pick<TangleTableProps, 'radius' | 'settings'> {
  measure: Measure;
  untrained?: LayerGeometry;
  now?: LayerGeometry;
  end?: LayerGeometry;
  /** The compared run's cell. */
  children: ReactNode;
}

/** One measure at three moments, and its change. */
function TangleRow({ measure, radius, settings, untrained, now, end, children }: TangleRowProps) {
  const untangles = measure.untangled === 'higher';
  return (
    <tr>
      <th scope="row">
        {measure.title} {measure.symbol}
      </th>
      <td>{untangles ? '↓ low' : '↑ high'}</td>
      <td>{untangles ? '↑ high' : '↓ low'}</td>
      {[untrained, now, end].map((result, i) => (
        <Cell
          key={moments[i]}
          result={result}
          choice={{ measure: measure.id, radius }}
          resamples={settings.resamples}
        />
      ))}
      <VerdictCell verdict={verdictOn(measure, radius, { before: untrained, now }, settings)} />
      {children}
    </tr>
  );
}

interface CellProps {
  result: LayerGeometry | undefined;
  choice: FigureChoice;
  resamples: number;
}

function VerdictCell({ verdict: { text, change } }: { verdict: Verdict }) {
  return (
    <td className={text ? undefined : styles.none}>
      <LiveText text={text || '–'} digits={20} flows />
      <span className={styles.error}>
        <LiveText text={change ? ` (${change})` : ''} digits={20} flows />
      </span>
    </td>
  );
}

function Cell({ result, choice, resamples }: CellProps) {
  if (!result) return <td className={styles.none}>–</td>;
  const { value, margin } = figureOf(result, choice, resamples);
  return (
    <td>
      <LiveText text={formatValue(value)} digits={6} flows />
      <span className={styles.error}>
        <LiveText text={margin === undefined ? '' : ` ± ${formatValue(margin)}`} digits={9} flows />
      </span>
    </td>
  );
}

/** The conditions under which the verdicts and the figures hold. */
function noteOn(
  { estimator, resamples }: TangleTableProps['settings'],
  result: LayerGeometry | undefined,
): string {
  if (estimator === 'simulation') {
    const isBelow = result?.simulation && result.simulation.capacity === undefined;
    const below =
      'Fewer than half of the labelings are separable in all dimensions of this layer, so its capacity is below the classes per dimension and has no figure here. ';
    return `${isBelow ? below : ''}A simulation has no verdict, because its intervals cover the labelings alone, not the draw of images.`;
  }
  const verdict =
    resamples === 0
      ? 'Without redraws of the images there is no verdict, because figures depend more on the draw of images than on the t-vectors. Set “Redraws for errors” to 10.'
      : 'A change is judged on the same images at both moments, redrawn as above. It is clear where its 95 % interval (Student’s t) excludes zero.';
  const holds = result?.glue
    ? 'The figures hold for these labelings and this centering only.'
    : 'Center correlation is measured before directions are removed from the centers.';
  return `${verdict} ${holds}`;
}
