import type { ReactNode } from 'react';
import { ScrollRegion } from './ScrollRegion.tsx';
import styles from './Table.module.css';

interface TableProps {
  /** Name of the region for screen readers. */
  label: string;
  /** Whether a row's line is drawn above or below the row. */
  lines: 'above' | 'below';
  /** Class of the region. Its rules for cells override the table's own. */
  className?: string;
  children: ReactNode;
}

/** A table of figures as wide as its panel; a wider table scrolls. */
export function Table({ label, lines, className = '', children }: TableProps) {
  return (
    <ScrollRegion className={`${styles.region} ${className}`} label={label}>
      <table className={`${styles.table} ${styles[lines]}`}>{children}</table>
    </ScrollRegion>
  );
}
