import styles from './Skeleton.module.css';

/** Holds the place of a block of this height. */
export function SkeletonBlock({ height }: { height: number }) {
  return <div className={styles.block} style={{ height }} aria-hidden="true" />;
}

/** Holds the place of a grid of square maps. */
export function SkeletonMaps({ count, across }: { count: number; across: number }) {
  return (
    <div className={styles.maps} style={{ gridTemplateColumns: `repeat(${across}, 1fr)` }} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the places never move
        <div key={index} className={styles.map} />
      ))}
    </div>
  );
}
