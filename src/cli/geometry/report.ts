import { FIGURES, GLUE_FIGURES } from '../../ml/geometry/index.ts';
import { alignedTable, type Cell, type Report, rounded, withError } from '../frame/output.ts';
import type { Classes } from '../inputs/classes.ts';
import type { Outcome } from '../threads/pool.ts';
import type {
  AnalysisJob,
  AnalysisResult,
  CompanionsResult,
  GlueResult,
  MeanFieldResult,
  SimulationResult,
} from './analysis.ts';

import type { Estimator, GeometrySettings } from './settings.ts';
import type { Similarity } from './similarity.ts';
import { similarityJson, similarityRows, similarityTable } from './similarityReport.ts';

interface Analysis {
  job: AnalysisJob;
  outcome: Outcome<AnalysisResult>;
}

interface Subject {
  file: string;
  version: string;
  classes: Classes;
  settings: GeometrySettings;
  analyses: readonly Analysis[];
  /** Of all pairs of layers; undefined where nobody asked for companions, or for a single layer. */
  similarity: Outcome<Similarity> | undefined;
}

/** A figure with its errors: over the random vectors and, if estimated, over the draw of images. */
interface Figure {
  name: string;
  value: number | undefined;
  standardError?: number;
  imageError?: number;
}

export function geometryReport(subject: Subject): Report {
  return {
    table: () => tables(subject),
    json: () => jsonOf(subject),
    csv: () => rowsOf(subject),
  };
}

/** One line that explains a table's figures. */
function estimatorTitle(estimator: Estimator, settings: GeometrySettings): string {
  switch (estimator) {
    case 'glue':
      return `GLUE, labels ${settings.ensemble}, ${settings.center ? 'centered' : 'not centered'}, ${settings.samples} samples`;
    case 'mean-field':
      return `Mean-field theory, margin ${settings.kappa}, center rule ${settings.rule}, ${settings.samples} random vectors per class`;
    case 'simulation':
      return `Simulated capacity, random labelings, centered, ${settings.dichotomies} dichotomies`;
    case 'companions':
      return 'Companions: participation ratio (centered), NC1, error of prototypes of few examples';
    default:
      return estimator satisfies never;
  }
}

function tables({ file, classes, settings, analyses, similarity }: Subject): string {
  const parts = settings.estimators.map((estimator) => {
    const own = analyses.filter(({ job }) => job.estimator === estimator);
    return `${estimatorTitle(estimator, settings)}\n${tableOf(own)}\n${glueNotes(own)}`;
  });
  const [fewest, most] = [Math.min(...classes.counts), Math.max(...classes.counts)];
  const each = fewest === most ? `${fewest} examples each` : `${fewest} to ${most} examples each`;
  return [
    `${file}: ${classes.names.length} classes, ${each}, seed ${settings.seed}\n`,
    ...parts,
    errorNote(settings),
    similarityTable(similarity),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function errorNote({ estimators, resamples }: GeometrySettings): string {
  const sources = [
    ...(estimators.some((estimator) => estimator !== 'companions')
      ? ['over the random vectors and labelings']
      : []),
    ...(estimators.includes('companions') ? ['of the few-shot error over the pairs of classes'] : []),
  ];
  const covered = `± is one standard error ${sources.join(', and ')}; the examples are held fixed.`;
  if (!estimators.includes('mean-field') && !estimators.includes('glue')) return `${covered}\n`;
  const over =
    resamples === 0
      ? '--resamples 10 estimates the error over the draw of the examples.'
      : `After the semicolon: the standard error over the draw of the examples, from ${resamples} random halves; 0 where it is below the noise of the random vectors.`;
  return `${covered} ${over}\n`;
}

/** Above this share, labelings that no plane separates are worth a warning: their anchors are not unique. */
const MANY_INSEPARABLE = 0.05;
/** A capacity below this many times P / N, its lower bound, says little. */
const NEAR_BOUND = 1.5;

/** Warnings about GLUE's figures, layer by layer. */
function glueNotes(analyses: readonly Analysis[]): string {
  return analyses
    .flatMap(({ job: { layer }, outcome }) =>
      outcome.kind === 'done' && outcome.result.estimator === 'glue'
        ? glueWarnings(layer.name, outcome.result.geometry)
        : [],
    )
    .map((line) => `${line}\n`)
    .join('');
}

function glueWarnings(
  layer: string,
  { capacity, inseparableShare, lowestCapacity }: GlueResult['geometry'],
): string[] {
  const warnings: string[] = [];
  if (inseparableShare > MANY_INSEPARABLE) {
    warnings.push(
      `${layer}: ${rounded(100 * inseparableShare, 3)} % of the labelings are inseparable; their anchors are not unique, and radius and dimension depend on them.`,
    );
  }
  if (capacity < NEAR_BOUND * lowestCapacity) {
    warnings.push(
      `${layer}: capacity is never below ${rounded(lowestCapacity, 3)} (classes per unit) and is close to that here: it says little.`,
    );
  }
  return warnings;
}

function tableOf(analyses: readonly Analysis[]): string {
  const known = analyses.flatMap(({ outcome }) =>
    outcome.kind === 'done' ? [tableFigures(outcome.result)] : [],
  );
  const columns = known[0]?.map(({ name }) => TITLES[name] ?? name) ?? ['capacity'];
  return alignedTable([
    ['layer', 'units', ...columns],
    ...analyses.map(({ job, outcome }) => [
      job.layer.name,
      String(job.layer.columns),
      ...(outcome.kind === 'done'
        ? tableFigures(outcome.result).map(shown)
        : columns.map((_, i) => (i === 0 ? outcome.kind : ''))),
    ]),
  ]);
}

function shown({ name, value, standardError, imageError }: Figure): string {
  if (name === 'inseparableShare' && value !== undefined) return `${rounded(100 * value, 3)} %`;
  const text = withError(value, standardError);
  return imageError === undefined ? text : `${text}; ${rounded(imageError, 2)}`;
}

/** Column titles of figures whose names are not titles. */
const TITLES: Readonly<Record<string, string>> = {
  participationRatio: 'participation ratio',
  neuralCollapse: 'NC1',
  fewShotError: 'few-shot error',
  fewShotTheory: 'few-shot theory',
  radiusMedian: 'median radius',
  centerCorrelation: 'center correlation',
  centerAlignmentCosine: 'cos centers',
  axisAlignmentCosine: 'cos axes',
  centerAxisAlignmentCosine: 'cos center-axis',
  inseparableShare: 'inseparable',
};

/** The figures of a table: GLUE's alignments as cosines only, and its share of inseparable labelings. */
function tableFigures(result: AnalysisResult): Figure[] {
  const figures = figuresOf(result);
  if (result.estimator !== 'glue') return figures;
  return [
    ...figures.filter(({ name }) => !/Alignment$/.test(name)),
    { name: 'inseparableShare', value: result.geometry.inseparableShare },
  ];
}

function figuresOf(result: AnalysisResult): Figure[] {
  switch (result.estimator) {
    case 'glue':
      return glueFigures(result);
    case 'mean-field':
      return meanFieldFigures(result);
    case 'simulation':
      return simulationFigures(result);
    case 'companions':
      return companionFigures(result);
    default:
      return result satisfies never;
  }
}

function companionFigures({ participationRatio, neuralCollapse, fewShot }: CompanionsResult): Figure[] {
  return [
    { name: 'participationRatio', value: participationRatio },
    { name: 'neuralCollapse', value: neuralCollapse },
    { name: 'fewShotError', value: fewShot.error, standardError: fewShot.standardError },
    { name: 'fewShotTheory', value: fewShot.theory },
  ];
}

function glueFigures({ geometry, imageErrors }: GlueResult): Figure[] {
  return GLUE_FIGURES.map((name) => ({
    name,
    value: geometry[name],
    standardError: geometry.standardErrors[name],
    imageError: imageErrors?.[name],
  }));
}

function meanFieldFigures({ geometry, imageErrors }: MeanFieldResult): Figure[] {
  const errors: Partial<Record<string, number>> = geometry.standardErrors;
  return FIGURES.map((name) => ({
    name,
    value: geometry[name],
    standardError: errors[name],
    imageError: imageErrors?.[name],
  }));
}

function simulationFigures({ simulated: { capacity, standardError } }: SimulationResult): Figure[] {
  return [{ name: 'capacity', value: capacity, standardError }];
}

function jsonOf({ file, version, classes, settings, analyses, similarity }: Subject): object {
  return {
    tool: `untangle ${version}`,
    command: 'geometry',
    file,
    settings,
    classes: classes.names.map((name, i) => ({ name, examples: classes.counts[i] })),
    complete: [...analyses.map(({ outcome }) => outcome), similarity].every(
      (outcome) => outcome === undefined || outcome.kind === 'done',
    ),
    analyses: analyses.map(({ job, outcome }) => ({
      layer: job.layer.name,
      units: job.layer.columns,
      estimator: job.estimator,
      status: outcome.kind,
      ...(outcome.kind === 'failed' ? { error: outcome.error.message } : {}),
      ...(outcome.kind === 'done'
        ? { figures: figuresByName(outcome.result), details: detailsOf(outcome.result) }
        : {}),
    })),
    ...(similarity?.kind === 'done' ? { similarity: similarityJson(similarity.result) } : {}),
  };
}

function figuresByName(result: AnalysisResult): Record<string, Omit<Figure, 'name'>> {
  return Object.fromEntries(figuresOf(result).map(({ name, ...figure }) => [name, figure]));
}

function detailsOf(result: AnalysisResult): object {
  switch (result.estimator) {
    case 'glue': {
      const { inseparableShare, lowestCapacity, rank, samples, worstViolation, perSample } = result.geometry;
      return { inseparableShare, lowestCapacity, rank, samples, worstViolation, perSample };
    }
    case 'mean-field': {
      const { rank, search, perManifold } = result.geometry;
      return { rank, search, perManifold };
    }
    case 'simulation':
      return result.simulated;
    case 'companions':
      return result.fewShot;
    default:
      return result satisfies never;
  }
}

/** The columns at the end of each row name the label ensemble and the centering; both are empty where neither is a choice. */
function rowsOf({ analyses, settings, similarity }: Subject): Cell[][] {
  return [
    [
      'layer',
      'units',
      'estimator',
      'figure',
      'value',
      'standard_error',
      'image_error',
      'ensemble',
      'centering',
      'other_layer',
    ],
    ...analyses.flatMap(({ job: { layer, estimator }, outcome }) =>
      outcome.kind === 'done'
        ? figuresOf(outcome.result).map(({ name, value, standardError, imageError }) => [
            ...[layer.name, layer.columns, estimator, name],
            ...[value, standardError, imageError, ...labelCells(estimator, settings), ''],
          ])
        : [],
    ),
    ...similarityRows(similarity),
  ];
}

function labelCells(estimator: Estimator, { ensemble, center }: GeometrySettings): Cell[] {
  if (estimator === 'simulation') return ['uniform', 'centered'];
  return estimator === 'glue' ? [ensemble, center ? 'centered' : 'not centered'] : ['', ''];
}
