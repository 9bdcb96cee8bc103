import { useId, useMemo } from 'react';
import styles from './Field.module.css';

interface ToggleGroupProps<T extends string | number> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; disabled?: boolean }[];
  onChange: (value: T) => void;
  /** Show the label to screen readers only, where the options are clear without it. */
  hideLabel?: boolean;
  compact?: boolean;
}

/** A choice among a few visible options. Arrow keys move, as in any group of radio buttons. */
export function ToggleGroup<T extends string | number>(props: ToggleGroupProps<T>) {
  const { label, value, options, onChange, hideLabel = false, compact = false } = props;
  const name = useId();
  // React writes an input's name and type at every render, so panels do not render the inputs for a new step.
  return useMemo(
    () => (
      <fieldset className={`${styles.field} ${compact ? styles.compact : ''}`}>
        <legend className={hideLabel ? 'visually-hidden' : styles.heading}>{label}</legend>
        <div className={styles.group}>
          {options.map((option) => (
            <label key={option.value} className={styles.option}>
              <input
                type="radio"
                name={name}
                checked={option.value === value}
                disabled={option.disabled}
                onChange={() => onChange(option.value)}
              />
              {option.label}
            </label>
          ))}
        </div>
      </fieldset>
    ),
    [label, value, options, onChange, hideLabel, compact, name],
  );
}
