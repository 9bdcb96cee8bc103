import type { ReactNode } from 'react';
import { Button } from '../shared/Button.tsx';
import { Icon } from '../shared/Icon.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import styles from './FilterDetail.module.css';

interface EnlargedFilterProps {
  /** "Filter 7 of conv2" */
  title: string;
  /** "filter" or "unit" */
  kind: string;
  filter: number;
  count: number;
  /** Each number by its name. */
  facts: Readonly<Record<string, string>>;
  onChange: (filter: number) => void;
  onClose?: () => void;
  children: ReactNode;
}

/** One filter enlarged: its name, the way to its neighbors, and its numbers, above its content. */
export function EnlargedFilter(props: EnlargedFilterProps) {
  const { title, kind, filter, count, facts, onChange, onClose, children } = props;
  const previous = (filter + count - 1) % count;
  const next = (filter + 1) % count;
  return (
    <section className={styles.detail} aria-label={title}>
      <header className={styles.header}>
        <h3>{title}</h3>
        <div className={styles.tools}>
          <Button variant="quiet" icon aria-label={`Previous ${kind}`} onClick={() => onChange(previous)}>
            <Icon name="previous" />
          </Button>
          <Button variant="quiet" icon aria-label={`Next ${kind}`} onClick={() => onChange(next)}>
            <Icon name="next" />
          </Button>
          {onClose && (
            <Button variant="quiet" icon aria-label={`Close the enlarged ${kind}`} onClick={onClose}>
              <Icon name="close" />
            </Button>
          )}
        </div>
        <dl className={styles.facts}>
          {Object.entries(facts).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <LiveText text={value} digits={7} />
              </dd>
            </div>
          ))}
        </dl>
      </header>
      {children}
    </section>
  );
}
