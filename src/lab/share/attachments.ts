import type { RunContent } from '../../ml/formats/runContent.ts';
import { convolutionOf } from '../../ml/model/network.ts';
import type { AttackManner } from '../adversarial/robustnessFinding.ts';
import { furtherCells, standardErrors } from '../geometry/figuresTable.ts';
import type { Finding } from '../keep/findings.ts';
import { epochsTable, filtersFigure, learningFigure, table } from './figures.ts';

/** Tables and figures for the run file. */
export function attachmentsOf(
  run: Pick<RunContent, 'losses' | 'accuracies' | 'epochs' | 'network' | 'checkpoint'>,
  findings: readonly Finding[],
): RunContent['attachments'] {
  const attachments: RunContent['attachments'] = new Map();
  const attach = (path: string, text: string) => attachments.set(path, new TextEncoder().encode(text));
  attach('tables/epochs.csv', epochsTable(run.epochs));
  attach('figures/learning.svg', learningFigure(run));
  const convolution = convolutionOf(run.network);
  const weights = convolution && run.checkpoint?.state.parameters[`${convolution.name}.weight`];
  if (weights) {
    const { filters, kernelSize } = convolution;
    const channels = weights.length / (filters * kernelSize ** 2);
    attach('figures/filters.svg', filtersFigure(weights, kernelSize, channels));
  }
  const geometry = geometryRows(findings);
  if (geometry.length > 0) attach('tables/geometry.csv', table(geometry));
  const robustness = robustnessRows(findings);
  if (robustness.length > 0) attach('tables/robustness.csv', table(robustness));
  return attachments;
}

function geometryRows(findings: readonly Finding[]) {
  return findings
    .filter((finding) => finding.kind === 'geometry')
    .sort((a, b) => a.step - b.step)
    .map(({ step, settings, result }) => {
      const { layer, capacity, radius, radiusMedian, dimension, centerCorrelation } = result;
      const { split, indices, examplesPerClass, kappa, samples, projection = '', seed, augment } = settings;
      const { rule, restarts, resamples } = settings;
      const figures = { capacity, radius, radiusMedian, dimension, centerCorrelation };
      const draw = indices === undefined ? settings.draw : 'given';
      return {
        ...{ layer, step, ...figures, removedDirections: result.rank },
        ...standardErrors(result),
        ...{ split, draw, examplesPerClass, kappa, samples, projection, rule, restarts, resamples, seed },
        ...furtherCells(settings.estimator, result),
        points: augment ? `${augment.kind} ${augment.reach}` : 'class',
      };
    });
}

function robustnessRows(findings: readonly Finding[]) {
  return findings.flatMap((finding) => {
    if (finding.kind === 'robustness') {
      const { step, points } = finding;
      return points.map((point) => ({ ...mannerCells(finding), step, ...point }));
    }
    if (finding.kind === 'overTraining') {
      const { attack, step, correctBefore, correct, correctAs8Bit } = finding;
      const { epsilon, count } = attack;
      return [{ ...mannerCells(attack), step, epsilon, correctBefore, correct, correctAs8Bit, count }];
    }
    return [];
  });
}

/** Cells are empty for settings that the method lacks or that were not recorded. */
function mannerCells({ method, norm, steps, stepSize, randomStart, target }: AttackManner) {
  const start = randomStart === undefined ? '' : String(randomStart);
  return {
    method,
    norm,
    steps: steps ?? '',
    stepSize: stepSize ?? '',
    randomStart: start,
    target: target ?? '',
  };
}
