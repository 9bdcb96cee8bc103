import { DICHOTOMIES, type EstimatorSettings } from '../../lab/geometry/estimators.ts';
import type { GeometryResults } from '../../lab/geometry/geometryFinding.ts';
import type { AnalysisSettings } from '../../lab/geometry/geometrySettings.ts';
import type { Ensemble, Figures, GlueFigures, Resample, ResampleKind } from '../../ml/geometry/index.ts';
import type { GlueSettings, LayerGeometry } from '../../workers/geometryProtocol.ts';
import { intervalText, type Measure, measures } from './measures.ts';

export const ENSEMBLE_NAMES: Record<Ensemble, string> = {
  uniform: 'uniform labels',
  balanced: 'balanced labels',
  oneVersusRest: 'one class versus the rest',
};

/** GLUE's name with what its figures depend on. */
export function glueLabel({ ensemble, center }: GlueSettings): string {
  return `GLUE, ${ENSEMBLE_NAMES[ensemble]}, ${center ? 'centered' : 'not centered'}`;
}

/** The estimator's name, with the label ensemble and the centering where they matter. */
export function estimatorLabel(settings: EstimatorSettings): string {
  if (settings.estimator === 'glue') return glueLabel(settings);
  return settings.estimator === 'simulation' ? 'Simulation, uniform labels, centered' : 'Mean-field theory';
}

/** The estimator with its label ensemble and centering, for the name of a file: `glue-uniform-centered`. */
export function estimatorFileName({ estimator, ensemble, center }: EstimatorSettings): string {
  if (estimator === 'meanField') return 'mean-field';
  if (estimator === 'simulation') return 'simulation-uniform-centered';
  return `glue-${ensemble}-${center ? 'centered' : 'not-centered'}`;
}

/** The measures that an estimator gives. */
export function measuresOf(settings: EstimatorSettings): readonly Measure[] {
  if (settings.estimator === 'meanField') return measures;
  const label = estimatorLabel(settings);
  const [capacity, radius, dimension] = measures;
  const labeled = (measure: Measure, sentence: string) => ({ ...measure, sentence: `${label}: ${sentence}` });
  if (settings.estimator === 'simulation') {
    return [labeled(capacity, 'classes per dimension where a plane separates half of all labelings.')];
  }
  return [
    labeled(capacity, 'how many classes per dimension a plane separates.'),
    labeled(radius, 'how far anchor points spread around their mean, relative to that mean.'),
    labeled(
      dimension,
      'in how many directions that spread matters. With few points, the figure is a lower bound.',
    ),
    {
      ...labeled(measures[3], 'how closely the mean anchor points align: the mean |cosine| over pairs.'),
      title: 'Center alignment',
      symbol: 'ρc',
    },
  ];
}

/** The fields of the analysis that not every estimator uses. */
export type MethodField = 'samples' | 'kappa' | 'rule' | 'restarts' | 'resamples';
const MEAN_FIELD_ONLY: readonly MethodField[] = ['kappa', 'rule', 'restarts'];

/** The reason why a field changes none of the estimator's figures; undefined if the field changes some. */
function idleReason({ estimator }: EstimatorSettings, field: MethodField): string | undefined {
  if (estimator === 'meanField') return undefined;
  if (MEAN_FIELD_ONLY.includes(field)) return 'For mean-field theory only.';
  if (estimator === 'glue') return undefined;
  return field === 'samples'
    ? `A simulation draws ${DICHOTOMIES} labelings instead.`
    : 'A simulation’s interval covers its labelings only.';
}

/** A field's state: disabled, with the reason below, where the field does not act. */
export function idleField(settings: EstimatorSettings, field: MethodField) {
  const hint = idleReason(settings, field);
  return { disabled: hint !== undefined, hint };
}

/** Says what the estimator does not distinguish; shown in place of choices that would do nothing. */
export function choicesNote({ estimator }: EstimatorSettings): string | undefined {
  if (estimator === 'meanField') return undefined;
  return estimator === 'glue'
    ? 'GLUE has one radius, and figures for all classes together only.'
    : 'A simulation gives capacity only, for all classes together.';
}

type IntervalSettings = Pick<AnalysisSettings, 'estimator' | 'resamples' | 'indices'>;

/** The settings behind the intervals: a simulation's cover its labelings alone. */
export function intervalsOf<Own extends IntervalSettings>(settings: Own): Own {
  return settings.estimator === 'simulation' ? { ...settings, resamples: 0 } : settings;
}

/** What ± means, for the panel's legend. */
export function estimatorInterval(settings: IntervalSettings, kind?: ResampleKind): string {
  if (settings.estimator === 'simulation') {
    return '± and bars: 95 % intervals over the labelings, for these images only';
  }
  const text = intervalText(settings, kind);
  if (settings.estimator === 'meanField') return text;
  return text
    .replace('the t-vectors and the centers’ minima', 't and the labels')
    .replace('over the t-vectors,', 'over t and the labels,');
}

/** The results as the estimator sees them: its figures and errors in the places of the mean-field ones. */
export function viewOf(results: GeometryResults, { estimator }: EstimatorSettings): GeometryResults {
  if (estimator === 'meanField') return results;
  return new Map(
    [...results].map(([layer, own]) => [
      layer,
      new Map(
        [...own].flatMap(([step, result]): [number, LayerGeometry][] => {
          const seen = estimator === 'glue' ? glueView(result) : simulationView(result);
          return seen ? [[step, seen]] : [];
        }),
      ),
    ]),
  );
}

/** GLUE has one radius, and the alignment of the mean anchors in the place of the centers' correlation. */
function renamed({ capacity, radius, dimension, centerAlignmentCosine }: GlueFigures): Figures {
  return { capacity, radius, radiusMedian: radius, dimension, centerCorrelation: centerAlignmentCosine };
}

function glueView(result: LayerGeometry): LayerGeometry | undefined {
  const { glue } = result;
  if (!glue) return undefined;
  const { imageErrors, resampled, standardErrors } = glue;
  const errors = renamed(standardErrors);
  const images = imageErrors && renamed(imageErrors);
  return {
    ...result,
    ...renamed(glue),
    perManifold: [],
    standardErrors: errors,
    // The alignment depends on t as well, which the centers' correlation does not.
    exampleErrors: images && {
      ...images,
      centerCorrelation: Math.hypot(images.centerCorrelation, errors.centerCorrelation),
    },
    resampled: resampled && {
      ...resampled,
      resamples: resampled.resamples.map(
        ({ figures, halves }): Resample => ({
          figures: renamed(figures),
          halves: [renamed(halves[0]), renamed(halves[1])],
        }),
      ),
    },
  };
}

function simulationView(result: LayerGeometry): LayerGeometry | undefined {
  const capacity = result.simulation?.capacity;
  if (capacity === undefined) return undefined;
  const standardErrors = { ...result.standardErrors, capacity: result.simulation?.standardError ?? 0 };
  return {
    ...result,
    capacity,
    standardErrors,
    perManifold: [],
    exampleErrors: undefined,
    resampled: undefined,
  };
}
