import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './Button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the main action; `plain`: other actions; `quiet`: actions inside dense rows. */
  variant?: 'primary' | 'plain' | 'quiet';
  /** Square, for an icon without text; needs an `aria-label`. */
  icon?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = 'plain', icon = false, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${styles.button} ${styles[variant]} ${icon ? styles.icon : ''} ${className}`}
      {...rest}
    />
  );
}
