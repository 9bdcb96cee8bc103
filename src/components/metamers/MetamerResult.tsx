import { useEffect, useMemo, useRef, useState } from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import { STAGES } from '../../lab/metamers/metamerQuestion.ts';
import type { MetamerRow } from '../../lab/metamers/metamerRows.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { PixelCanvas } from '../shared/PixelCanvas.tsx';
import { ProbabilityColumns } from '../shared/ProbabilityColumns.tsx';
import { ActivationPair } from './ActivationPair.tsx';
import styles from './MetamersPanel.module.css';
import { Outcome } from './Outcome.tsx';
import { PICTURE_SCALE, PICTURE_SIZE } from './picture.ts';

/** Milliseconds between inspections of a metamer while it is made. */
const INSPECTION_PACE = 120;

interface MetamerResultProps {
  row: MetamerRow;
  /** The iteration to show. */
  position: number;
  reference: LabImage;
  /** The network's activations for the reference, once known. */
  referenceInspection?: Inspection;
  classNames: readonly string[];
}

/** One layer's metamer at an iteration, the network's prediction for it, and the verdict. */
export function MetamerResult({
  row,
  position,
  reference,
  referenceInspection,
  classNames,
}: MetamerResultProps) {
  const { layer, frames, losses, answer, status, problem } = row;
  const shown = frames.findLast(({ iteration }) => iteration <= position) ?? frames.at(-1);
  const { metamers } = useLabHandle();
  const paused = useStore(metamers.store, (state) => state.paused);
  const inspection = useInspection(shown?.image);
  const prediction = inspection?.predictions[0] ?? 0;
  return (
    <li className={styles.row} data-layer={layer}>
      <h3>
        {layer} <span className={styles.muted}>{statusText(row, paused)}</span>
      </h3>
      <Pictures {...{ layer, reference, shown }} />
      <div className={styles.facts}>
        {shown && (
          <p data-testid="reading">
            After {formatCount(shown.iteration)}: loss {formatValue(losses[shown.iteration] ?? Number.NaN)}
            {inspection &&
              `, read as ${classNames[prediction]} with ${formatShare(inspection.probabilities[prediction])}`}
          </p>
        )}
        {inspection && (
          <ProbabilityColumns probabilities={inspection.probabilities} classNames={classNames} />
        )}
        <Stages row={row} reference={reference} />
        {status === 'failed' && problem && <ErrorNotice message={problem} />}
        {answer && <Outcome layer={layer} answer={answer} />}
      </div>
      {inspection && referenceInspection && (
        <ActivationPair
          layer={layer}
          reference={referenceInspection}
          metamer={inspection}
          classNames={classNames}
        />
      )}
    </li>
  );
}

interface PicturesProps {
  layer: string;
  reference: LabImage;
  /** The iterate shown; missing before the first. */
  shown?: MetamerRow['frames'][number];
}

/** The reference, and the metamer beside it. */
function Pictures({ layer, reference, shown }: PicturesProps) {
  return (
    <>
      <figure className={styles.picture}>
        <PixelCanvas
          label={`The reference, ${reference.name}`}
          pixels={reference.pixels}
          colors="gray"
          scale={PICTURE_SCALE}
          size={PICTURE_SIZE}
        />
        <figcaption>Reference</figcaption>
      </figure>
      <figure className={styles.picture} style={{ minHeight: PICTURE_SIZE }}>
        {shown && (
          <PixelCanvas
            label={`The metamer at ${layer} after ${shown.iteration} iterations`}
            pixels={shown.image}
            colors="gray"
            scale={PICTURE_SCALE}
            size={PICTURE_SIZE}
            markOutside
          />
        )}
        <figcaption>
          Metamer
          {shown && <OutsidePixels pixels={shown.image} />}
        </figcaption>
      </figure>
    </>
  );
}

/** The notebook's iterations, the last and the best, to open in other panels. */
function Stages({ row, reference }: { row: MetamerRow; reference: LabImage }) {
  const { layer, frames, answer } = row;
  const last = frames.at(-1);
  const stages = [
    ...STAGES.flatMap((iteration) => frames.find((frame) => frame.iteration === iteration) ?? []),
    ...(last && !STAGES.includes(last.iteration) ? [last] : []),
  ];
  return (
    <ul className={styles.stages}>
      {stages.map(({ iteration, image }) => (
        <li key={iteration}>
          <Stage layer={layer} iteration={iteration} pixels={image} reference={reference} />
        </li>
      ))}
      {answer && (
        <li>
          <Stage
            layer={layer}
            iteration={answer.best.iterations[0]}
            pixels={answer.best.images}
            reference={reference}
            remark="best, "
          />
        </li>
      )}
    </ul>
  );
}

function statusText({ status, iteration }: MetamerRow, paused: boolean): string {
  switch (status) {
    case 'running':
      return `${paused ? 'paused at ' : ''}iteration ${formatCount(iteration)}`;
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
  remark?: string;
}

/** A kept iterate that can be opened in other panels, with pixels clipped to [0, 1]. */
function Stage({ layer, iteration, pixels, reference, remark }: StageProps) {
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
      {remark}
      {formatCount(iteration)}
    </>
  );
}

/** The activations of the rows' network for an image. Asks one question at a time, for the newest image. */
function useInspection(image: Float32Array | undefined) {
  const { metamers } = useLabHandle();
  const [inspection, setInspection] = useState<Inspection>();
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
        // After a failure the last result stays; the next image asks again.
        setInspection(await metamers.inspect(asked).catch(() => undefined));
        // Faster updates would be hard to see and would slow the optimization.
        await new Promise((resolve) => setTimeout(resolve, INSPECTION_PACE));
      }
      underway.current = false;
    })();
  }, [image, metamers]);
  return inspection;
}

/** The number of pixels outside [0, 1], in the colors that mark them. */
function OutsidePixels({ pixels }: { pixels: Float32Array }) {
  const below = pixels.filter((pixel) => pixel < 0).length;
  const above = pixels.filter((pixel) => pixel > 1).length;
  if (below + above === 0) return null;
  return (
    <span className={styles.outside} data-testid="outside">
      <span data-sign="below">{formatCount(below)} below 0</span>
      <span data-sign="above">{formatCount(above)} above 1</span>
    </span>
  );
}
