import type { ReactNode } from 'react';
import styles from './RowList.module.css';

interface RowListProps {
  /** Whether the rows have an order. */
  ordered?: boolean;
  className?: string;
  /** `Row` elements. */
  children: ReactNode;
}

/** The list in a dialog. Each row has a text, and buttons at its end. */
export function RowList({ ordered = false, className = '', children }: RowListProps) {
  const List = ordered ? 'ol' : 'ul';
  return <List className={`${styles.list} ${className}`}>{children}</List>;
}

interface RowProps {
  /** Name for screen readers. */
  label?: string;
  /** A row that stands alone below the list is a `div`. */
  as?: 'li' | 'div';
  className?: string;
  children: ReactNode;
}

export function Row({ label, as: Element = 'li', className = '', children }: RowProps) {
  return (
    <Element className={`${styles.row} ${className}`} aria-label={label}>
      {children}
    </Element>
  );
}
