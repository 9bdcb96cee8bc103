import styles from './Skeleton.module.css';

/** A placeholder for a block of this height. */
export function SkeletonBlock({ height }: { height: number }) {
  return <div className={styles.block} style={{ height }} aria-hidden="true" data-waiting="" />;
}

/** A placeholder for a grid of square maps. */
export function SkeletonMaps({ count, across }: { count: number; across: number }) {
  return (
    <div
      className={styles.maps}
      style={{ gridTemplateColumns: `repeat(${across}, 1fr)` }}
      aria-hidden="true"
      data-waiting=""
    >
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order never changes
        <div key={index} className={styles.map} />
      ))}
    </div>
  );
}
