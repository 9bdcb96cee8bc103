import styles from './TimelineSkeleton.module.css';

export const timelineSkeleton = <div className={styles.room} aria-hidden="true" />;
