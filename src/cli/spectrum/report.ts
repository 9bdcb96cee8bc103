import type { Spectrum } from '../../ml/spectrum/index.ts';
import { alignedTable, type Cell, type Report, rounded } from '../frame/output.ts';
import type { Layer } from '../inputs/activations.ts';
import type { Outcome } from '../threads/pool.ts';

interface Subject {
  file: string;
  version: string;
  results: readonly { layer: Layer; outcome: Outcome<Spectrum> }[];
}

export function spectrumReport(subject: Subject): Report {
  return {
    table: () => tableOf(subject),
    json: () => jsonOf(subject),
    csv: () => rowsOf(subject),
  };
}

const HEADER = [
  'layer',
  'examples',
  'units',
  'participation ratio',
  'centered',
  'components for 95 %',
  'first components',
];

function tableOf({ file, results }: Subject): string {
  const rows = results.map(({ layer, outcome }) => [
    ...[layer.name, String(layer.rows), String(layer.columns)],
    ...(outcome.kind === 'done' ? cells(outcome.result) : [outcome.kind, '', '', '']),
  ]);
  return `${file}\n\n${alignedTable([HEADER, ...rows])}\n\nThe participation ratio and the components for 95 % are those of the matrix as it is; “centered” is the ratio after the mean is subtracted, and the first components are their shares of the centered variance.\n`;
}

function cells({ participationRatio, componentsFor95, pca }: Spectrum): string[] {
  const shares = Array.from(pca.explainedVarianceRatio, (share) => `${rounded(100 * share, 3)} %`);
  return [
    rounded(participationRatio, 4),
    rounded(pca.participationRatio, 4),
    String(componentsFor95),
    shares.join(', '),
  ];
}

function jsonOf({ file, version, results }: Subject): object {
  return {
    tool: `untangle ${version}`,
    command: 'spectrum',
    file,
    complete: results.every(({ outcome }) => outcome.kind === 'done'),
    layers: results.map(({ layer, outcome }) => ({
      layer: layer.name,
      examples: layer.rows,
      units: layer.columns,
      status: outcome.kind,
      ...(outcome.kind === 'failed' ? { error: outcome.error.message } : {}),
      ...(outcome.kind === 'done' ? spectrumJson(outcome.result) : {}),
    })),
  };
}

function spectrumJson({ singularValues, participationRatio, componentsFor95, pca }: Spectrum): object {
  const { explainedVariance, explainedVarianceRatio } = pca;
  return {
    singularValues,
    participationRatio,
    componentsFor95,
    centered: { participationRatio: pca.participationRatio, explainedVariance, explainedVarianceRatio },
  };
}

/** One row per singular value. */
function rowsOf({ results }: Subject): Cell[][] {
  return [
    ['layer', 'index', 'singular_value', 'cumulative_variance'],
    ...results.flatMap(({ layer, outcome }) =>
      outcome.kind === 'done'
        ? Array.from(outcome.result.singularValues, (value, i) => [
            ...[layer.name, i + 1, value],
            outcome.result.cumulativeVariance[i],
          ])
        : [],
    ),
  ];
}
