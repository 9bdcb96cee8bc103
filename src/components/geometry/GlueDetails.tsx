import { GLUE_FIGURES, type GlueFigure } from '../../ml/geometry/index.ts';
import type { LayerGlue } from '../../workers/geometryProtocol.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Notice } from '../shared/Notice.tsx';
import { Table } from '../shared/Table.tsx';
import { glueLabel } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';
import { NORMAL, quantileOf } from './measures.ts';

const NAMES: Record<GlueFigure, string> = {
  capacity: 'Capacity',
  dimension: 'Dimension',
  radius: 'Radius',
  utility: 'Utility',
  centerAlignment: 'Center alignment, product',
  centerAlignmentCosine: 'Center alignment, cosine',
  axisAlignment: 'Axis alignment, product',
  axisAlignmentCosine: 'Axis alignment, cosine',
  centerAxisAlignment: 'Center-axis alignment, product',
  centerAxisAlignmentCosine: 'Center-axis alignment, cosine',
};
/** Above this share of inseparable samples, the figures describe t more than the points. */
const MANY_INSEPARABLE = 0.05;
/** Stands in place of an error over images that the noise of t and labels hides. */
const HIDDEN = 'hidden';

/** Below this multiple of the bound P / N, capacity describes the bound more than the points. */
const NEAR_BOUND = 1.5;

/** All of GLUE's figures at a layer, their two kinds of errors, the warnings, and the companions. */
export function GlueDetails({ layer, glue, classes }: { layer: string; glue: LayerGlue; classes: number }) {
  const { lowestCapacity, dimensions, capacity, inseparableShare, samples, rank } = glue;
  return (
    <section className={styles.done} aria-label="GLUE’s figures">
      <h3>
        {glueLabel(glue)}, at {layer}
      </h3>
      <p>
        {formatCount(samples)} pairs of a random t and a labeling; the points span {formatCount(rank)} of{' '}
        {formatCount(dimensions)} dimensions. {formatShare(inseparableShare, 1)} of the labelings drawn are
        inseparable by a plane through the {glue.center ? 'mean' : 'origin'}.
      </p>
      {capacity < NEAR_BOUND * lowestCapacity && (
        <Notice>
          Capacity is never below {classes} / {formatCount(dimensions)} = {formatValue(lowestCapacity)} in a
          layer of {formatCount(dimensions)} dimensions, whatever its points. A figure this close to the bound
          says little about the layer.
        </Notice>
      )}
      {inseparableShare > MANY_INSEPARABLE && (
        <Notice>
          {formatShare(inseparableShare, 0)} of the samples are inseparable. Their anchor points are not
          unique, so dimension, radius, utility and alignments mean little.
        </Notice>
      )}
      <FiguresAndErrors glue={glue} />
      <Companions companions={glue.companions} />
    </section>
  );
}

function FiguresAndErrors({ glue }: { glue: LayerGlue }) {
  const quantile = quantileOf(glue.resampled?.resamples.length ?? 0);
  const isHidden = GLUE_FIGURES.some((name) => glue.imageErrors?.[name] === 0);
  return (
    <>
      <Table label="GLUE’s figures and errors" lines="below" className={styles.figures}>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">Value</th>
            <th scope="col">± over t and labels</th>
            <th scope="col">± over images</th>
          </tr>
        </thead>
        <tbody>
          {GLUE_FIGURES.map((name) => (
            <tr key={name}>
              <th scope="row">{NAMES[name]}</th>
              <td>{formatValue(glue[name])}</td>
              <td>{formatValue(NORMAL * glue.standardErrors[name])}</td>
              <td>{imageError(glue.imageErrors?.[name], quantile)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className={styles.note}>
        Each ± is half of a 95 % interval.{' '}
        {isHidden &&
          `“${HIDDEN}”: over the redraws of images, a figure varies no more than t and labels alone make it vary. `}
        Capacity = utility (1 + 1 / radius²) / dimension. With few points a class, dimension is a lower bound.
      </p>
    </>
  );
}

/** Half of the interval over images. An error of 0 means that the spread over redraws is no larger than t and labels alone make it. */
function imageError(error: number | undefined, quantile: number): string {
  if (error === undefined) return '–';
  return error === 0 ? HIDDEN : formatValue(quantile * error);
}

function Companions({ companions: { neuralCollapse, fewShot } }: Pick<LayerGlue, 'companions'>) {
  return (
    <>
      <h3>On the same activations</h3>
      <p>
        NC1, the variance within classes relative to that between centers: {formatValue(neuralCollapse)} (0
        where classes have collapsed).
      </p>
      {fewShot && (
        <p>
          Choosing the nearer of two class means, each over {fewShot.shots} examples, has an error of{' '}
          {formatShare(fewShot.error, 2)} ± {formatShare(NORMAL * fewShot.standardError, 2)} (95 % interval
          over the pairs of classes). The theory gives {formatShare(fewShot.theory, 2)}, from a distance of{' '}
          {formatValue(fewShot.distance)} radii and a dimension of {formatValue(fewShot.dimension)}. The root
          mean square |x − center| is {formatValue(fewShot.radius)}.
        </p>
      )}
    </>
  );
}
