import type { ReactNode } from 'react';
import { Button } from '../shared/Button.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useAttempt } from '../shared/useAttempt.ts';
import styles from './FiltersPanel.module.css';
import { type View, views } from './filterViews.ts';

interface FilterToolsProps<Sort extends string> {
  view: View;
  onView: (view: View) => void;
  sort: Sort;
  sorts: readonly { value: Sort; label: string }[];
  onSort: (sort: Sort) => void;
  save: () => Promise<void>;
  /** Further choices, between the view and the order. */
  children?: ReactNode;
}

/** The choices of how filters are drawn, and their picture as a file. */
export function FilterTools<Sort extends string>(props: FilterToolsProps<Sort>) {
  const { view, onView, sort, sorts, onSort, save, children } = props;
  const { problem, attempt, dismiss } = useAttempt();
  return (
    <>
      <div className={styles.tools}>
        <ToggleGroup label="View" hideLabel compact value={view} options={views} onChange={onView} />
        {children}
        <div className={styles.sort}>
          <span aria-hidden="true">Sort</span>
          <ToggleGroup
            label="Sort filters by"
            hideLabel
            compact
            value={sort}
            options={sorts}
            onChange={onSort}
          />
        </div>
        <Button variant="quiet" onClick={() => void attempt(save)}>
          Save as PNG
        </Button>
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={dismiss} />}
    </>
  );
}
