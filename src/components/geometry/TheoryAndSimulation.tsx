import { DICHOTOMIES } from '../../lab/geometry/estimators.ts';
import { type Simulation, shownSimulation } from '../../lab/geometry/simulatedCapacities.ts';
import { layerShapes, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry, LayerGlue } from '../../workers/geometryProtocol.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { estimatorLabel, glueLabel } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';
import { type Figure, formatFigure, NORMAL, quantileOf } from './measures.ts';
import { separabilityText } from './separability.ts';

const planes = [
  { offset: false, label: 'Plane through the overall mean' },
  { offset: true, label: 'Plane with an offset' },
] as const;

interface TheoryAndSimulationProps {
  layer: string;
  theory: LayerGeometry | undefined;
  /** The theory's capacity with its interval. */
  capacity: Figure | undefined;
}

/** The theory's capacity beside the capacity measured by separating random labelings, and why they differ. */
export function TheoryAndSimulation({ layer, theory, capacity }: TheoryAndSimulationProps) {
  const { simulatedCapacities } = useLabHandle();
  const { geometry } = useLabHandle();
  const settings = useStore(geometry.store, (state) => state.settings);
  const step = useStore(geometry.store, (state) => state.step);
  const simulations = useStore(simulatedCapacities.store, (state) => state.simulations);
  // The panel's choice of layers follows a new network a moment later.
  const units = useLab(({ network }) =>
    sizeOf(layerShapes(network).find(({ name }) => name === layer)?.shape ?? []),
  );
  const classes = theory?.labels.length ?? 10;
  return (
    <section className={styles.simulation} aria-label="Theory and simulation">
      <h3>Estimators side by side, at {layer}</h3>
      <dl className={styles.capacities}>
        <div>
          <dt>Mean-field theory{settings.kappa !== 0 && `, margin κ = ${settings.kappa}`}</dt>
          <dd>{capacity ? formatFigure(capacity) : '–'}</dd>
        </div>
        <div>
          <dt>{glueLabel(theory?.glue ?? settings)}</dt>
          <dd>
            {theory?.glue ? (
              formatFigure(glueCapacity(theory.glue))
            ) : (
              <Button onClick={() => geometry.set({ estimator: 'glue' })}>Compute GLUE</Button>
            )}
          </dd>
        </div>
        {planes.map(({ offset, label }) => (
          <div key={label}>
            <dt>
              {estimatorLabel({ ...settings, estimator: 'simulation' })}: {label.toLowerCase()}
            </dt>
            <dd>
              <Measured
                label={label}
                simulation={shownSimulation(simulations, { settings, step }, { layer, offset })}
                disabled={!theory}
                units={units}
                classes={classes}
                onSimulate={() => void simulatedCapacities.simulate(layer, { offset })}
              />
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        {separabilityText({ layer, units, classes, theory: theory?.capacity, dichotomies: DICHOTOMIES })}
      </p>
    </section>
  );
}

/** The capacity with a 95 % interval over t and labels, and over images once they have been redrawn. */
function glueCapacity({ capacity, standardErrors, imageErrors, resampled }: LayerGlue): Figure {
  const quantile = quantileOf(resampled?.resamples.length ?? 0);
  return {
    value: capacity,
    margin: quantile * Math.hypot(standardErrors.capacity, imageErrors?.capacity ?? 0),
  };
}

interface MeasuredProps {
  label: string;
  simulation: Simulation | undefined;
  disabled: boolean;
  units: number;
  classes: number;
  onSimulate: () => void;
}

function Measured({ label, simulation, disabled, units, classes, onSimulate }: MeasuredProps) {
  if (!simulation) {
    return (
      <Button
        disabled={disabled}
        onClick={onSimulate}
        aria-label={`Measure by simulation: ${label.toLowerCase()}`}
      >
        Measure by simulation
      </Button>
    );
  }
  const { result, problem, fraction } = simulation;
  if (problem) return <ErrorNotice message={problem} onRetry={onSimulate} />;
  if (!result) return <ProgressBar label="Separating random labelings" value={fraction} total={1} />;
  if (result.capacity === undefined) {
    return (
      <span role="status">
        below {formatValue(classes / units)}: fewer than half of the labelings are separable in all {units}{' '}
        dimensions
      </span>
    );
  }
  const margin = result.standardError === undefined ? undefined : NORMAL * result.standardError;
  return <span role="status">{formatFigure({ value: result.capacity, margin })}</span>;
}
