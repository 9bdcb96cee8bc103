import { memo, useMemo } from 'react';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatShare } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { type MapCell, symmetricScale } from '../shared/mapFrame.ts';
import { EmptyState } from '../shared/Notice.tsx';
import { niceLimit } from '../shared/niceLimit.ts';
import { ProbabilityColumns } from '../shared/ProbabilityColumns.tsx';
import { usePointedFilter } from '../shared/pointed.ts';
import { UnitBars } from '../shared/UnitBars.tsx';
import { useMedia } from '../shared/useMedia.ts';
import { activationMaps, activationsOf, type Scaling } from './activationMaps.ts';
import styles from './PinnedImages.module.css';
import type { Unit } from './unitSum.ts';

interface PinnedImagesProps {
  inspected: InspectedImages;
  layer: string;
  scaling: Scaling;
  classNames: readonly string[];
  onPoint: (unit: Unit | undefined) => void;
}

/** Pinned images, one row each, so that every filter has its own column. */
export function PinnedImages({ inspected, layer, scaling, classNames, onPoint }: PinnedImagesProps) {
  const { images } = useLabHandle();
  const pinned = useStore(images.store, (state) => state.pinned);
  if (pinned.length === 0) {
    return (
      <EmptyState>
        No images are pinned. Pin the image above, or any image from its menu, to compare images.
      </EmptyState>
    );
  }
  const places = pinned.map(({ id }) => inspected.images.findIndex((each) => each.id === id));
  return (
    <ul className={styles.list}>
      {pinned.map((image, row) => (
        <PinnedImage
          key={image.id}
          image={image}
          place={places[row]}
          barLimit={scaling === 'shared' ? barLimit(inspected, layer, places) : undefined}
          inspected={inspected}
          layer={layer}
          scaling={scaling}
          classNames={classNames}
          onPoint={onPoint}
        />
      ))}
    </ul>
  );
}

/** A round limit above every pinned image's units, so that their bars can be compared. */
function barLimit(inspected: InspectedImages, layer: string, places: readonly number[]): number | undefined {
  if (inspected.inspection.layers[layer]?.shape.length !== 2) return undefined;
  const highest = places.map((place) => {
    const values = place < 0 ? undefined : activationsOf(inspected, place, layer);
    return values ? symmetricScale(values).high : 0;
  });
  return niceLimit(Math.max(...highest));
}

interface PinnedImageProps extends PinnedImagesProps {
  image: LabImage;
  /** Index of the image among the inspected images; -1 until it has been inspected. */
  place: number;
  /** The limit of the bars; by default each image's own. */
  barLimit?: number;
}

const PinnedImage = memo(function PinnedImage(props: PinnedImageProps) {
  const { image, place, inspected, classNames } = props;
  const classes = classNames.length;
  const { predictions, probabilities } = inspected.inspection;
  const prediction = place < 0 ? undefined : predictions[place];
  const own = probabilities.subarray(place * classes, (place + 1) * classes);
  return (
    <li className={styles.row} data-pinned={image.id}>
      <ImageThumb image={image} prediction={prediction} size={84} />
      <PinnedFacts
        {...{ image, classNames, prediction }}
        probability={prediction === undefined ? undefined : own[prediction]}
      />
      {place >= 0 && <ProbabilityColumns probabilities={own} classNames={classNames} />}
      <PinnedLayer {...props} />
    </li>
  );
}, drawsTheSame);

interface PinnedFactsProps {
  image: LabImage;
  classNames: readonly string[];
  /** Missing until the image has been inspected, as is its probability. */
  prediction?: number;
  probability?: number;
}

/** The image's name, prediction and true class, and what can be done with it. */
function PinnedFacts({ image, classNames, prediction, probability }: PinnedFactsProps) {
  const { images } = useLabHandle();
  const wrong = image.label !== undefined && image.label !== prediction;
  return (
    <div className={styles.facts}>
      <p className={styles.name}>{image.name}</p>
      {prediction !== undefined && probability !== undefined && (
        <p className={wrong ? styles.wrong : undefined}>
          read as <strong>{classNames[prediction]}</strong>,{' '}
          <LiveText text={formatShare(probability, 1)} digits={7} />
        </p>
      )}
      {image.label !== undefined && <p className={styles.label}>true class {classNames[image.label]}</p>}
      <div className={styles.tools}>
        <Button variant="quiet" onClick={() => images.open(image)}>
          Enlarge
        </Button>
        <Button
          variant="quiet"
          icon
          aria-label={`Unpin ${image.name}`}
          onClick={() => images.unpin(image.id)}
        >
          <Icon name="close" />
        </Button>
      </div>
    </div>
  );
}

/** The layer's activations for the image: maps, or bars of a layer of units. */
function PinnedLayer({ image, place, barLimit, inspected, layer, scaling, onPoint }: PinnedImageProps) {
  const lab = useLabHandle();
  const highlighted = usePointedFilter();
  const narrow = useMedia('(max-width: 56rem)');
  const maps = useMemo(
    () => activationMaps(lab, { image: image.id, layer, scaling }),
    [lab, image.id, layer, scaling],
  );
  const point = (cell: MapCell | undefined) => onPoint(cell && { image: image.id, layer, ...cell });
  const isMaps = inspected.inspection.layers[layer]?.shape.length === 4;
  const values = place < 0 ? undefined : activationsOf(inspected, place, layer);
  return (
    <div className={styles.maps}>
      {isMaps ? (
        <ImageGrid
          label={`${layer} of ${image.name}, by filter`}
          maps={maps}
          nameOf={(map) => `filter ${map}`}
          across={narrow ? 8 : 16}
          gap={2}
          largestMap={52}
          emptyHeight={108}
          highlighted={highlighted}
          onPoint={point}
        />
      ) : (
        values && (
          <UnitBars
            label={`${layer} of ${image.name}, by unit`}
            values={values}
            limit={barLimit}
            onPoint={(unit) => point(unit === undefined ? undefined : { map: unit, row: 0, column: 0 })}
          />
        )
      )}
    </div>
  );
}

/** Whether two sets of props draw the same row. Inspections of other images do not matter. */
function drawsTheSame(before: PinnedImageProps, now: PinnedImageProps): boolean {
  const { inspected, place, ...rest } = now;
  return (
    inspected.parameters === before.inspected.parameters &&
    inspected.images[place] === before.inspected.images[before.place] &&
    Object.entries(rest).every(([name, value]) => Reflect.get(before, name) === value)
  );
}
