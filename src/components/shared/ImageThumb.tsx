import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import { useClassNames, useLab } from '../context/LabContext.tsx';
import { describeImage } from './describeImage.ts';
import { ImageMenu } from './ImageMenu.tsx';
import styles from './ImageThumb.module.css';
import { putImage } from './imageDrag.ts';
import { LiveText } from './LiveText.tsx';
import { pictureShape } from './pictureShape.ts';
import { pixelsUrl } from './pixelsUrl.ts';

/** The room of the arrow in widths of a digit. */
const ARROW = 2;

interface ImageThumbProps {
  image: LabImage;
  /** The predicted class, if known. */
  prediction?: number;
  /** Side in CSS pixels. */
  size?: number;
  /** Show class names below the picture: the label, and the prediction if different. In training they lay out nothing. */
  caption?: boolean;
  /** Index in a list that handles keys and focus itself. */
  position?: number;
  tabIndex?: number;
}

/** An image that can be dragged to a panel or opened in one from its menu. */
export const ImageThumb = memo(function ImageThumb(props: ImageThumbProps) {
  const { image, prediction, size = 44, caption = false, position, tabIndex } = props;
  const button = useRef<HTMLButtonElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const [open, setOpen] = useState(false);
  const { label, pixels } = image;
  const wrong = prediction !== undefined && label !== undefined && prediction !== label;

  const input = useLab((state) => state.network.input);
  const classNames = useClassNames();
  const address = useMemo(() => pixelsUrl(pixels, pictureShape(pixels.length, input)), [pixels, input]);
  // A recycled thumbnail shows another image, so a menu of the previous image closes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the id changes
  useEffect(() => setOpen(false), [image.id]);

  return (
    <>
      <button
        ref={button}
        type="button"
        className={styles.thumb}
        style={{ width: size }}
        draggable
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={describeImage(image, classNames, prediction)}
        title={describeImage(image, classNames, prediction)}
        data-image={image.id}
        data-position={position}
        tabIndex={tabIndex}
        onClick={() => setOpen((now) => !now)}
        onContextMenu={(event) => {
          event.preventDefault();
          setOpen(true);
        }}
        onDragStart={(event) => {
          putImage(event.dataTransfer, image);
          if (picture.current) event.dataTransfer.setDragImage(picture.current, size / 2, size / 2);
        }}
      >
        <img
          ref={picture}
          className={styles.picture}
          src={address}
          alt=""
          decoding="sync"
          draggable={false}
        />
        {caption && (
          <Caption label={label} misread={wrong ? prediction : undefined} classNames={classNames} />
        )}
      </button>
      {open && <ImageMenu image={image} anchor={button} onClose={() => setOpen(false)} />}
    </>
  );
});

interface CaptionProps {
  label: number | undefined;
  /** The predicted class, if another one. */
  misread: number | undefined;
  classNames: readonly string[];
}

function Caption({ label, misread, classNames }: CaptionProps) {
  const nameOf = (index: number) => classNames[index] ?? `${index}`;
  const name = label === undefined ? '?' : nameOf(label);
  const longest = Math.max(...classNames.map(({ length }) => length));
  return (
    <span className={`${styles.caption} ${misread === undefined ? '' : styles.wrong}`} aria-hidden="true">
      <LiveText
        text={misread === undefined ? name : `${name}→${nameOf(misread)}`}
        digits={name.length + ARROW + longest}
        flows
      />
    </span>
  );
}
