import { useMemo } from 'react';
import { pixelsOf } from '../../ml/data/dataset.ts';
import type { ImagesPreview } from '../../ml/imageFiles/ownData.ts';
import { pixelsUrl } from '../shared/pixelsUrl.ts';
import styles from './OwnImagesDialog.module.css';

/** Some images of a preview, with their classes. */
export function SampleImages({ preview }: { preview: ImagesPreview }) {
  const { samples, classNames } = preview;
  const shown = useMemo(
    () =>
      Array.from({ length: samples.count }, (_, i) => ({
        url: pixelsUrl(pixelsOf(samples, i), samples),
        name: classNames[samples.labels[i]],
      })),
    [samples, classNames],
  );
  return (
    <ul className={styles.samples} aria-label="Some of the images">
      {shown.map(({ url, name }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the images of a preview keep their places
        <li key={i}>
          <img src={url} alt={name} title={name} />
        </li>
      ))}
    </ul>
  );
}
