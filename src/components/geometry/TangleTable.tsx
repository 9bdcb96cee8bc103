import { useStore } from 'zustand';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFollow.ts';
import { DICHOTOMIES, shownSimulation } from '../../lab/geometry/simulatedCapacities.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './GeometryPanel.module.css';
import { type TheirFigures, theirResult } from './geometryFigure.ts';
import { figureOf, type Measure, measures, type RadiusKind } from './measures.ts';

interface TangleTableProps {
  results: GeometryResults;
  layers: readonly string[];
  layer: string;
  onLayer: (layer: string) => void;
  radius: RadiusKind;
  /** The moment that has figures, and the run's ends. */
  shown: number;
  last: number;
  /** The compared run's. */
  theirs?: TheirFigures;
}

/** The notebook's table of tangled and untangled manifolds, with this run's own numbers. */
export function TangleTable(props: TangleTableProps) {
  const { results, layers, layer, onLayer, radius, shown, last, theirs } = props;
  const untrained = resultAt(results, layer, 0);
  const now = resultAt(results, layer, shown);
  const end = resultAt(results, layer, last);
  // The input layer is the same for every network.
  const other =
    theirs &&
    (layer === 'input' ? now && { step: shown, result: now } : theirResult(theirs.results, layer, shown));
  return (
    <section className={styles.tangle}>
      <div className={styles.heading}>
        <h3>Tangled or untangled?</h3>
        <ToggleGroup
          label="Layer of the table"
          hideLabel
          compact
          value={layer}
          options={layers.map((value) => ({ value, label: value }))}
          onChange={onLayer}
        />
      </div>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col">Tangled</th>
              <th scope="col">Untangled</th>
              <th scope="col">Untrained</th>
              <th scope="col">Step {formatCount(shown)}</th>
              <th scope="col">Final</th>
              <th scope="col">This run</th>
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
              <tr key={measure.id}>
                <th scope="row">
                  {measure.title} {measure.symbol}
                </th>
                <td>{measure.untangled === 'higher' ? '↓ low' : '↑ high'}</td>
                <td>{measure.untangled === 'higher' ? '↑ high' : '↓ low'}</td>
                <Cell result={untrained} measure={measure} radius={radius} />
                <Cell result={now} measure={measure} radius={radius} />
                <Cell result={end} measure={measure} radius={radius} />
                <td>{verdict(measure, radius, untrained, now)}</td>
                {theirs && <Cell result={other?.result} measure={measure} radius={radius} />}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <SimulatedCheck layer={layer} theory={now} />
    </section>
  );
}

function Cell({
  result,
  measure,
  radius,
}: {
  result: LayerGeometry | undefined;
  measure: Measure;
  radius: RadiusKind;
}) {
  if (!result) return <td className={styles.none}>–</td>;
  const { value, error } = figureOf(result, measure.id, radius);
  return (
    <td>
      {formatValue(value)}
      {error > 0 && <span className={styles.error}> ± {formatValue(error)}</span>}
    </td>
  );
}

/** What the difference from the untrained network says; within two errors it says nothing. */
function verdict(
  { id, untangled }: Measure,
  radius: RadiusKind,
  before: LayerGeometry | undefined,
  now: LayerGeometry | undefined,
): string {
  if (!before || !now || before === now) return '';
  const from = figureOf(before, id, radius);
  const to = figureOf(now, id, radius);
  const change = to.value - from.value;
  if (Math.abs(change) <= 2 * Math.hypot(from.error, to.error)) return 'no clear change';
  const word = change > 0 ? 'rose' : 'fell';
  return change > 0 === (untangled === 'higher') ? `${word}: untangling` : `${word}: tangling`;
}

/** Capacity by trying, beside the theory's. */
function SimulatedCheck({ layer, theory }: { layer: string; theory: LayerGeometry | undefined }) {
  const { geometry, simulatedCapacities } = useLabHandle();
  const settings = useStore(geometry.store, (state) => state.settings);
  const step = useStore(geometry.store, (state) => state.step);
  const simulation = useStore(simulatedCapacities.store, ({ simulations }) =>
    shownSimulation(simulations, { settings, step }, layer),
  );
  const found = simulation?.result;
  return (
    <div className={styles.simulation}>
      {!simulation && (
        <Button disabled={!theory} onClick={() => void simulatedCapacities.simulate(layer)}>
          Check the capacity by trying
        </Button>
      )}
      {simulation && !found && !simulation.problem && (
        <ProgressBar label="Separating random labelings" value={simulation.fraction} total={1} />
      )}
      {simulation?.problem && (
        <ErrorNotice message={simulation.problem} onRetry={() => void simulatedCapacities.simulate(layer)} />
      )}
      {found && (
        <p role="status">
          {found.capacity === undefined ? (
            'Fewer than half of the labelings are separable, even with all dimensions.'
          ) : (
            <>
              Simulated capacity of {layer}: <strong>{formatValue(found.capacity)}</strong>
              {found.standardError !== undefined && ` ± ${formatValue(found.standardError)}`}
              {theory && (
                <>
                  ; the theory says <strong>{formatValue(theory.capacity)}</strong>
                </>
              )}
              .
            </>
          )}
        </p>
      )}
      <p className={styles.note}>
        Labels the classes with two signs at random, {DICHOTOMIES} times, and looks for the fewest random
        dimensions in which a plane still separates them. The theory assumes many manifolds; ten is few, so
        the two agree only roughly.
      </p>
    </div>
  );
}
