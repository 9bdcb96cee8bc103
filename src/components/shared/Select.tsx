import { type ReactNode, useId } from 'react';
import styles from './Field.module.css';
import { describedBy, Field } from './Field.tsx';

interface SelectProps<T extends string | number> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; disabled?: boolean }[];
  onChange: (value: T) => void;
  remark?: string;
  hint?: ReactNode;
  disabled?: boolean;
}

export function Select<T extends string | number>(props: SelectProps<T>) {
  const { label, value, options, onChange, remark, hint, disabled } = props;
  const id = useId();
  return (
    <Field id={id} label={label} remark={remark} hint={hint}>
      <select
        id={id}
        className={styles.control}
        value={value}
        disabled={disabled}
        aria-describedby={describedBy(id, { hint })}
        onChange={(event) => onChange(options[event.target.selectedIndex].value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}
