import { GLUE_FIGURES, type GlueFigure, studentQuantile } from '../../ml/geometry/index.ts';
import type { LayerGlue } from '../../workers/protocol.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Notice } from '../shared/Notice.tsx';
import { Table } from '../shared/Table.tsx';
import { glueLabel } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';

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
const NORMAL = 1.96;
/** Above this share of inseparable samples the figures describe t more than the points. */
const MANY_INSEPARABLE = 0.05;
/** The bound P / N says more than the points where capacity is less than this many times the bound. */
const NEAR_BOUND = 1.5;

/** All of GLUE's figures at a layer, their two kinds of errors, the warnings, and the companions. */
export function GlueDetails({ layer, glue, classes }: { layer: string; glue: LayerGlue; classes: number }) {
  const { lowestCapacity, dimensions, capacity, inseparableShare, samples, rank, resampled } = glue;
  const count = resampled?.resamples.length ?? 0;
  const quantile = count > 1 ? studentQuantile(count - 1) : NORMAL;
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
          {formatShare(inseparableShare, 0)} of the samples are inseparable. There the anchor points are not
          unique, and dimension, radius, utility and alignments mean little.
        </Notice>
      )}
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
              <td>{glue.imageErrors ? formatValue(quantile * glue.imageErrors[name]) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className={styles.note}>
        Both ± are halves of 95 % intervals. Capacity = utility (1 + 1 / radius²) / dimension. With few points
        a class, dimension is a lower bound.
      </p>
      <Companions companions={glue.companions} />
    </section>
  );
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
          Two classes told apart by the nearer mean of {fewShot.shots} examples: error{' '}
          {formatShare(fewShot.error, 2)} ± {formatShare(NORMAL * fewShot.standardError, 2)} (95 % interval
          over the pairs of classes), and {formatShare(fewShot.theory, 2)} by the theory from distance{' '}
          {formatValue(fewShot.distance)} in radii, dimension {formatValue(fewShot.dimension)}. The root mean
          square |x − center| is {formatValue(fewShot.radius)}.
        </p>
      )}
    </>
  );
}
