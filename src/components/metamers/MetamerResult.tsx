import { useEffect, useMemo, useRef, useState } from 'react';
import type { LabImage } from '../../lab/images.ts';
import type { MetamerRow } from '../../lab/metamers.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import { useLabHandle } from '../LabContext.tsx';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { PixelCanvas } from '../shared/PixelCanvas.tsx';
import styles from './MetamersPanel.module.css';

const unit = { low: 0, high: 1 };
/** The iterations that the notebook shows, before the end. */
const STAGES = [0, 40, 80];

interface MetamerResultProps {
  row: MetamerRow;
  /** The iteration to show. */
  position: number;
  reference: LabImage;
  classNames: readonly string[];
}

/** One layer's metamer at an iteration, what the network reads in it, and the verdict. */
export function MetamerResult({ row, position, reference, classNames }: MetamerResultProps) {
  const { layer, frames, losses, answer, status, problem } = row;
  const shown = frames.findLast(({ iteration }) => iteration <= position) ?? frames.at(-1);
  const reading = useReading(shown?.image);
  const last = frames.at(-1);
  const stages = [
    ...STAGES.flatMap((iteration) => frames.find((frame) => frame.iteration === iteration) ?? []),
    ...(last && !STAGES.includes(last.iteration) ? [last] : []),
  ];
  return (
    <li className={styles.row} data-layer={layer}>
      <h3>
        {layer} <span className={styles.muted}>{statusText(row)}</span>
      </h3>
      {shown && (
        <PixelCanvas
          label={`The metamer at ${layer} after ${shown.iteration} iterations`}
          pixels={shown.image}
          colors="gray"
          scale={unit}
          size={132}
        />
      )}
      <div className={styles.facts}>
        {shown && (
          <p data-testid="reading">
            After {formatCount(shown.iteration)}: loss {formatValue(losses[shown.iteration] ?? Number.NaN)}
            {reading &&
              `, read as ${classNames[reading.prediction]} with ${formatShare(reading.probabilities[reading.prediction])}`}
          </p>
        )}
        <ul className={styles.stages}>
          {stages.map(({ iteration, image }) => (
            <li key={iteration}>
              <Stage layer={layer} iteration={iteration} pixels={image} reference={reference} />
            </li>
          ))}
        </ul>
        {status === 'failed' && problem && <ErrorNotice message={problem} />}
        {answer && <Verdict layer={layer} judgement={answer.judgements[0]} pairs={answer.pairs} />}
        {answer && (
          <p className={styles.muted}>
            Least loss {formatValue(answer.best.losses[0])} after {formatCount(answer.best.iterations[0])}.
          </p>
        )}
      </div>
    </li>
  );
}

function statusText({ status, iteration }: MetamerRow): string {
  switch (status) {
    case 'running':
      return `iteration ${formatCount(iteration)}`;
    case 'canceled':
      return `canceled after ${formatCount(iteration)}`;
    case 'done':
    case 'failed':
      return '';
    default:
      return status satisfies never;
  }
}

interface StageProps {
  layer: string;
  iteration: number;
  pixels: Float32Array;
  reference: LabImage;
}

/** A kept iterate that can be opened elsewhere, where pixels end at 0 and 1. */
function Stage({ layer, iteration, pixels, reference }: StageProps) {
  const image: LabImage = useMemo(
    () => ({
      id: `metamer:${layer}:${iteration}:${reference.id}`,
      name: `${layer} metamer of ${reference.name} after ${iteration}, clipped to [0, 1]`,
      pixels: pixels.map((value) => Math.min(1, Math.max(0, value))),
      origin: { kind: 'pixels' },
    }),
    [layer, iteration, pixels, reference],
  );
  return (
    <>
      <ImageThumb image={image} size={56} />
      {formatCount(iteration)}
    </>
  );
}

/** What the network of the rows reads in an image; one question at a time, the newest image next. */
function useReading(image: Float32Array | undefined) {
  const { metamers } = useLabHandle();
  const [reading, setReading] = useState<Awaited<ReturnType<typeof metamers.classify>>>();
  const wanted = useRef<Float32Array>(undefined);
  const underway = useRef(false);
  useEffect(() => {
    wanted.current = image;
    if (underway.current) return;
    void (async () => {
      underway.current = true;
      while (wanted.current) {
        const asked = wanted.current;
        wanted.current = undefined;
        // A failed look leaves the last reading; the next image asks again.
        setReading(await metamers.classify(asked).catch(() => undefined));
      }
      underway.current = false;
    })();
  }, [image, metamers]);
  return reading;
}

function Verdict({ layer, judgement, pairs }: { layer: string; judgement: Judgement; pairs: number }) {
  const { isMetamer, failures, layers, pixelCorrelation, similarity } = judgement;
  return (
    <div data-testid="verdict">
      <p>
        {isMetamer ? (
          <span className={styles.yes}>A metamer at {layer}.</span>
        ) : (
          <>
            <span className={styles.no}>Not a metamer:</span> {failures.join('; ')}.
          </>
        )}{' '}
        Pixel correlation {pixelCorrelation.toFixed(3)}, structural similarity {similarity.toFixed(3)}.
      </p>
      <details className={styles.matches}>
        <summary>Match at every layer</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">layer</th>
              <th scope="col">Spearman</th>
              <th scope="col">Pearson</th>
              <th scope="col">SNR, dB</th>
            </tr>
          </thead>
          <tbody>
            {layers.map(({ layer, match, threshold, outside }) => (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                {(['spearman', 'pearson', 'snr'] as const).map((measure) => (
                  <td key={measure} className={outside[measure] ? undefined : styles.within}>
                    {match[measure].toFixed(measure === 'snr' ? 1 : 3)}{' '}
                    <span className={styles.muted}>
                      {outside[measure] ? '>' : '≤'} {threshold[measure].toFixed(measure === 'snr' ? 1 : 3)}
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <p className={styles.muted}>
          Beside each figure what 99.9 % of {formatCount(pairs)} pairs of different test images stay below.
        </p>
      </details>
    </div>
  );
}
