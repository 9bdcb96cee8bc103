import { FIGURES } from '../../ml/geometry/index.ts';
import { alignedTable, type Cell, type Report, rounded, withError } from '../frame/output.ts';
import type { Outcome } from '../threads/pool.ts';
import type { AnalysisJob, AnalysisResult, MeanFieldResult, SimulationResult } from './analysis.ts';
import type { Classes } from './prepare.ts';
import type { Estimator, GeometrySettings } from './settings.ts';

export interface Analysis {
  job: AnalysisJob;
  outcome: Outcome<AnalysisResult>;
}

interface Subject {
  file: string;
  version: string;
  classes: Classes;
  settings: GeometrySettings;
  analyses: readonly Analysis[];
}

/** A figure with its errors: of the random vectors, and over the draw of images where it was estimated. */
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

/** What a table's figures are, in one line. */
function estimatorTitle(estimator: Estimator, settings: GeometrySettings): string {
  switch (estimator) {
    case 'mean-field':
      return `Mean-field theory, margin ${settings.kappa}, center rule ${settings.rule}, ${settings.samples} random vectors per class`;
    case 'simulation':
      return `Simulated capacity, random labelings, centered, ${settings.dichotomies} dichotomies`;
    default:
      return estimator satisfies never;
  }
}

function tables({ file, classes, settings, analyses }: Subject): string {
  const parts = settings.estimators.map((estimator) => {
    const own = analyses.filter(({ job }) => job.estimator === estimator);
    return `${estimatorTitle(estimator, settings)}\n${tableOf(own)}\n`;
  });
  const [fewest, most] = [Math.min(...classes.counts), Math.max(...classes.counts)];
  const each = fewest === most ? `${fewest} examples each` : `${fewest} to ${most} examples each`;
  return [
    `${file}: ${classes.names.length} classes, ${each}, seed ${settings.seed}\n`,
    ...parts,
    errorNote(settings),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function errorNote({ estimators, resamples }: GeometrySettings): string {
  if (!estimators.includes('mean-field')) return '';
  const over =
    resamples === 0
      ? 'not the draw of the examples (--resamples 10 estimates it)'
      : `the figure after the semicolon the draw of the examples, from ${resamples} random halves`;
  return `± is one standard error. It covers the random vectors, ${over}.\n`;
}

function tableOf(analyses: readonly Analysis[]): string {
  const known = analyses.flatMap(({ outcome }) =>
    outcome.kind === 'done' ? [figuresOf(outcome.result)] : [],
  );
  const columns = known[0]?.map(({ name }) => name) ?? ['capacity'];
  return alignedTable([
    ['layer', 'units', ...columns],
    ...analyses.map(({ job, outcome }) => [
      job.layer.name,
      String(job.layer.columns),
      ...(outcome.kind === 'done'
        ? figuresOf(outcome.result).map(shown)
        : columns.map((_, i) => (i === 0 ? outcome.kind : ''))),
    ]),
  ]);
}

function shown({ value, standardError, imageError }: Figure): string {
  const text = withError(value, standardError);
  return imageError === undefined ? text : `${text}; ${rounded(imageError, 2)}`;
}

function figuresOf(result: AnalysisResult): Figure[] {
  switch (result.estimator) {
    case 'mean-field':
      return meanFieldFigures(result);
    case 'simulation':
      return simulationFigures(result);
    default:
      return result satisfies never;
  }
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

function jsonOf({ file, version, classes, settings, analyses }: Subject): object {
  return {
    tool: `untangle ${version}`,
    command: 'geometry',
    file,
    settings,
    classes: classes.names.map((name, i) => ({ name, examples: classes.counts[i] })),
    complete: analyses.every(({ outcome }) => outcome.kind === 'done'),
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
  };
}

function figuresByName(result: AnalysisResult): Record<string, Omit<Figure, 'name'>> {
  return Object.fromEntries(figuresOf(result).map(({ name, ...figure }) => [name, figure]));
}

function detailsOf(result: AnalysisResult): object {
  if (result.estimator === 'simulation') return result.simulated;
  const { rank, search, perManifold } = result.geometry;
  return { rank, search, perManifold };
}

function rowsOf({ analyses }: Subject): Cell[][] {
  return [
    ['layer', 'units', 'estimator', 'figure', 'value', 'standard_error', 'image_error'],
    ...analyses.flatMap(({ job: { layer, estimator }, outcome }) =>
      outcome.kind === 'done'
        ? figuresOf(outcome.result).map(({ name, value, standardError, imageError }) => [
            ...[layer.name, layer.columns, estimator, name],
            ...[value, standardError, imageError],
          ])
        : [],
    ),
  ];
}
