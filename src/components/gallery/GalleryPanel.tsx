import { useCallback, useMemo } from 'react';
import { dataSetImage } from '../../lab/images/dataSetImage.ts';
import { filterImages, needsPredictions } from '../../lab/images/gallery.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import { CallError } from '../../ml/callError.ts';
import { useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { everything, useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { useAwaited } from '../shared/useAwaited.ts';
import { useWhilePlaceInView } from '../shared/useWhileInView.ts';
import { GalleryControls } from './GalleryControls.tsx';
import styles from './GalleryPanel.module.css';
import { gallerySkeleton } from './GallerySkeleton.tsx';
import { ThumbList } from './ThumbList.tsx';

/** Images kept after they were shown. */
const MOST_KEPT = 2000;

/** The filtered images of the data set. Each can be dragged to a panel or opened from its menu. */
export default function GalleryPanel() {
  const { gallery } = useLabHandle();
  const data = useLab((state) => state.data);
  const filter = useStore(gallery.store);
  const { split, digit, prediction, wrong, indices } = filter;
  const reading = useReading();
  const { predictions, problem } = reading;
  const images = data?.[split];
  const found = useMemo(
    () => (images ? filterImages(images, filter, predictions) : new Int32Array(0)),
    [images, filter, predictions],
  );
  const imageAt = useImages(found);

  if (!data || !images) return gallerySkeleton;
  const all = `${formatCount(images.count)} images`;
  const heading = found.length === images.count ? all : `${formatCount(found.length)} of ${all}`;
  return (
    <>
      <GalleryControls data={data} />
      <div className={styles.state}>
        <p role="status">{heading}</p>
        <CellChip classNames={data.classNames} />
        <ReadAt {...reading} />
      </div>
      {problem && <ErrorNotice message={problem} />}
      {found.length > 0 ? (
        <ThumbList
          key={`${split} ${digit} ${wrong} ${prediction} ${indices}`}
          label={heading}
          count={found.length}
          imageAt={imageAt}
          predictionOf={(position) => predictions?.[found[position]]}
        />
      ) : (
        <EmptyState height={272}>{emptyText(reading, images.count)}</EmptyState>
      )}
    </>
  );
}

/** The network's predictions for the set shown, and how far they are. */
function useReading() {
  const { gallery, confusion } = useLabHandle();
  const filter = useStore(gallery.store);
  const query = confusion[filter.split];
  const { answer, stale, computing, problem } = usePaced(query.store, everything);
  const wanted = needsPredictions(filter);
  // Training set predictions are computed only on request; test set predictions are always available.
  const watched = filter.split === 'test' || wanted;
  useWhilePlaceInView(watched ? query.watch : undefined);
  return {
    wanted,
    predictions: watched ? answer?.predictions : undefined,
    step: watched ? answer?.step : undefined,
    problem: watched ? problem : undefined,
    stale,
    computing,
  };
}

type Reading = ReturnType<typeof useReading>;

/** The step of the predictions. */
function ReadAt({ step, stale, computing, problem }: Reading) {
  // In training the predictions are renewed all the time, so their step is enough.
  const updating = useLab(({ status }) => status !== 'training') && stale && computing;
  const awaited = useAwaited({ stale, problem });
  if (step === undefined) return null;
  return (
    <p className={`${styles.step} ${stale ? styles.stale : ''}`} data-waiting={awaited}>
      <LiveText
        text={`predictions at step ${formatCount(step)}${updating ? ', updating …' : ''}`}
        digits={26}
        flows
      />
    </p>
  );
}

/** Why no image is shown. */
function emptyText({ wanted, predictions, computing }: Reading, count: number): string {
  if (!wanted || predictions) return 'No images match this filter.';
  return computing ? `Reading ${formatCount(count)} images …` : 'The network has not read these images yet.';
}

/** The cell of the confusion matrix that the images are from, with a way back to all images. */
function CellChip({ classNames }: { classNames: readonly string[] }) {
  const { gallery } = useLabHandle();
  const { digit, prediction } = useStore(gallery.store);
  if (prediction === undefined) return null;
  return (
    <Button
      variant="plain"
      className={styles.chip}
      aria-label="Show all images"
      onClick={() => gallery.show({ prediction: undefined, digit: undefined, wrong: false })}
    >
      {digit === undefined ? 'All' : classNames[digit]} read as {classNames[prediction]}{' '}
      <Icon name="close" size={12} />
    </Button>
  );
}

/** The images found, by position; each is made when it is first shown. */
function useImages(found: Int32Array): (position: number) => LabImage {
  const data = useLab((state) => state.data);
  const split = useStore(useLabHandle().gallery.store, (state) => state.split);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other data have other images
  const cache = useMemo(() => new Map<number, LabImage>(), [data]);
  return useCallback(
    (position) => {
      if (!data) throw new CallError('imageAt', 'expected the data set, found none');
      const key = 2 * found[position] + (split === 'test' ? 0 : 1);
      const kept = cache.get(key);
      if (kept) return kept;
      if (cache.size > MOST_KEPT) cache.clear();
      const image = dataSetImage(data, split, found[position]);
      cache.set(key, image);
      return image;
    },
    [data, split, found, cache],
  );
}
