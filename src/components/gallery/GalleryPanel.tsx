import { useCallback, useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { dataSetImage } from '../../lab/images/dataSetImage.ts';
import { filterImages, needsPredictions, parseIndices } from '../../lab/images/gallery.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { CallError } from '../../ml/callError.ts';
import { MNIST } from '../../ml/data/shipped.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { PanelControls } from '../shared/Panel.tsx';
import { Select } from '../shared/Select.tsx';
import { TextField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './GalleryPanel.module.css';
import { gallerySkeleton } from './GallerySkeleton.tsx';
import { ThumbList } from './ThumbList.tsx';

const splits = [
  { value: 'test', label: 'Test' },
  { value: 'train', label: 'Training' },
] as const;

const readings = [
  { value: 'all', label: 'All' },
  { value: 'wrong', label: 'Misclassified' },
] as const;

/** The filtered images of the data set. Each can be dragged to a panel or opened from its menu. */
export default function GalleryPanel() {
  const { gallery, confusion } = useLabHandle();
  const data = useLab((state) => state.data);
  const filter = useStore(gallery.store);
  const { split, digit, prediction, wrong, indices } = filter;
  const query = confusion[split];
  const { answer, stale, computing, problem } = useStore(query.store);
  const wanted = needsPredictions(filter);
  // Training set predictions are computed only on request; test set predictions are always available.
  const watched = split === 'test' || wanted;
  useEffect(() => (watched ? query.watch() : undefined), [query, watched]);
  const predictions = watched ? answer?.predictions : undefined;

  const images = data?.[split];
  const found = useMemo(
    () => (images ? filterImages(images, filter, predictions) : new Int32Array(0)),
    [images, filter, predictions],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: other data have other images
  const cache = useMemo(() => new Map<number, LabImage>(), [data]);
  const imageAt = useCallback(
    (position: number): LabImage => {
      if (!data) throw new CallError('imageAt', 'expected the data set, found none');
      const key = 2 * found[position] + (split === 'test' ? 0 : 1);
      const kept = cache.get(key);
      if (kept) return kept;
      if (cache.size > 2000) cache.clear();
      const image = dataSetImage(data, split, found[position]);
      cache.set(key, image);
      return image;
    },
    [data, split, found, cache],
  );

  if (!data || !images) return gallerySkeleton;
  const digits = [
    { value: -1, label: 'All' },
    ...data.classNames.map((name, value) => ({ value, label: name })),
  ];
  const heading =
    found.length === images.count
      ? `${formatCount(images.count)} images`
      : `${formatCount(found.length)} of ${formatCount(images.count)} images`;
  return (
    <>
      <PanelControls label="Which images">
        <ToggleGroup
          label="Set"
          value={split}
          options={splits}
          onChange={(value) => gallery.show({ split: value, indices: '' })}
        />
        <ToggleGroup
          label="Read"
          value={wrong ? 'wrong' : 'all'}
          options={readings}
          onChange={(value) => gallery.show({ wrong: value === 'wrong', prediction: undefined })}
        />
        <div className={styles.digit}>
          <Select
            label={data.id === MNIST.id ? 'Digit' : 'Class'}
            value={digit ?? -1}
            options={digits}
            onChange={(value) => gallery.show({ digit: value < 0 ? undefined : value })}
          />
        </div>
        <div className={styles.indices}>
          <TextField
            label="Index"
            value={indices === '' ? 'all' : indices}
            onCommit={(text) => gallery.show({ indices: checkedIndices(text, images.count) })}
          />
        </div>
      </PanelControls>
      <div className={styles.state}>
        <p role="status">{heading}</p>
        {prediction !== undefined && (
          <Button
            variant="plain"
            className={styles.chip}
            aria-label="Show all images"
            onClick={() => gallery.show({ prediction: undefined, digit: undefined, wrong: false })}
          >
            {digit === undefined ? 'All' : data.classNames[digit]} read as {data.classNames[prediction]}{' '}
            <Icon name="close" size={12} />
          </Button>
        )}
        {watched && answer && (
          <p className={`${styles.step} ${stale ? styles.stale : ''}`}>
            read at step {formatCount(answer.step)}
            {stale && computing ? ', rereading …' : ''}
          </p>
        )}
      </div>
      {problem && watched && <ErrorNotice message={problem} />}
      {found.length > 0 ? (
        <ThumbList
          key={`${split} ${digit} ${wrong} ${prediction} ${indices}`}
          label={heading}
          count={found.length}
          imageAt={imageAt}
          predictionOf={(position) => predictions?.[found[position]]}
        />
      ) : (
        <EmptyState height={272}>
          {wanted && !predictions
            ? computing
              ? `Reading ${formatCount(images.count)} images …`
              : 'The network has not read these images yet.'
            : 'No image passes this filter.'}
        </EmptyState>
      )}
    </>
  );
}

/** Checks the indices that a person typed, and returns them. */
function checkedIndices(text: string, count: number): string {
  if (/^(all)?$/i.test(text)) return '';
  try {
    parseIndices(text, count);
    return text;
  } catch (problem) {
    throw new Error(sentenceOf(problem));
  }
}
