import type { ReactNode } from 'react';

interface CheckboxProps {
  checked: boolean;
  disabled?: boolean;
  className?: string;
  /** The label. */
  children: ReactNode;
  onChange: (checked: boolean) => void;
}

/** A box to check, with its label beside it. */
export function Checkbox({ checked, disabled, className, children, onChange }: CheckboxProps) {
  return (
    <label className={className}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      {children}
    </label>
  );
}
