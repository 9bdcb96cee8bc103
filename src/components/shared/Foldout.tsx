import { type ReactNode, useState } from 'react';
import styles from './Foldout.module.css';

interface FoldoutProps {
  title: string;
  children: ReactNode;
}

/** Details whose contents exist only while they are open, so that nothing is computed before. */
export function Foldout({ title, children }: FoldoutProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && children}
    </details>
  );
}
