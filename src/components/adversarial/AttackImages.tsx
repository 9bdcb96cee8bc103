import { useMemo } from 'react';
import type { ShownAttack } from '../../lab/adversarial/attackState.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import { formatCount, formatShare } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { PixelCanvas } from '../shared/PixelCanvas.tsx';
import styles from './AdversarialPanel.module.css';

const SIZE = 168;

interface AttackImagesProps {
  shown: ShownAttack;
  classNames: readonly string[];
}

/** The image, its perturbation and the result, with the network's prediction before and after. */
export function AttackImages({ shown, classNames }: AttackImagesProps) {
  const { image, attacked, epsilon, norm, predictions, truth, target, before, after, step } = shown;
  const result: LabImage = useMemo(
    () => ({
      id: `attacked:${image.id}:${norm}:${epsilon}`,
      name: `${image.name}, attacked`,
      label: image.label,
      pixels: attacked,
      origin: { kind: 'pixels' },
    }),
    [image, attacked, norm, epsilon],
  );
  const reading = (prediction: number, probabilities: Float32Array) =>
    `read as ${classNames[prediction]} with ${formatShare(probabilities[prediction])}`;
  return (
    <>
      <div className={styles.images}>
        <figure className={styles.view}>
          <figcaption>{image.name}</figcaption>
          <ImageThumb image={image} prediction={predictions.before} size={SIZE} />
          <span data-testid="before">
            <LiveText text={reading(predictions.before, before)} flows />
          </span>
        </figure>
        <Perturbation shown={shown} />
        <figure className={styles.view}>
          <figcaption>Attacked</figcaption>
          <ImageThumb image={result} prediction={predictions.after} size={SIZE} />
          <span data-testid="after">
            <LiveText text={reading(predictions.after, after)} flows />
          </span>
        </figure>
      </div>
      <dl className={styles.verdict} data-testid="attack-verdict">
        <dt>The exact image</dt>
        <dd>{verdict(predictions.after, { truth, target, classNames })}</dd>
        <dt>As saved in an 8-bit file, rounded toward the original</dt>
        <dd>{verdict(predictions.as8Bit, { truth, target, classNames })}</dd>
      </dl>
      <p className={styles.muted}>
        <LiveText text={`Network at step ${formatCount(step)}.`} digits={24} flows />
        {image.label === undefined &&
          ' Its true class is not known; the network’s first prediction is used instead.'}
      </p>
    </>
  );
}

/** The change of every pixel, with its size. */
function Perturbation({ shown: { image, attacked, epsilon, norm } }: { shown: ShownAttack }) {
  const change = useMemo(() => attacked.map((value, i) => value - image.pixels[i]), [attacked, image]);
  const length = Math.hypot(...change);
  const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Under the l2 norm no single pixel changes by epsilon, so the color scale ends at the largest change.
  const limit = (norm === 'linf' ? epsilon : largest) || 1;
  const scale = useMemo(() => ({ low: -limit, high: limit }), [limit]);
  return (
    <figure className={styles.view}>
      <figcaption>Perturbation</figcaption>
      <PixelCanvas
        label={`The perturbation, colors from ${-limit} to ${limit}`}
        pixels={change}
        colors="sign"
        scale={scale}
        size={SIZE}
      />
      <span>
        <LiveText
          text={`ε = ${epsilon} (${norm === 'linf' ? 'L∞' : 'L2'}); colors ±${limit.toPrecision(3)}`}
          flows
        />
      </span>
      <span className={styles.muted}>
        <LiveText text={`largest ${largest.toFixed(4)}, length ${length.toFixed(2)}`} digits={27} flows />
      </span>
    </figure>
  );
}

function verdict(
  prediction: number,
  { truth, target, classNames }: { truth: number; target?: number; classNames: readonly string[] },
) {
  const fooled = target === undefined ? prediction !== truth : prediction === target;
  const read = `read as ${classNames[prediction]}`;
  const wanted = target === undefined ? 'its true class' : `not the target ${classNames[target]}`;
  return (
    <span className={fooled ? styles.fooled : undefined}>
      <LiveText text={fooled ? `Fooled: ${read}` : `Not fooled: ${read}, ${wanted}`} digits={36} flows />
    </span>
  );
}
