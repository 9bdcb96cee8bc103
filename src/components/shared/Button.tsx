import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './Button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one obvious thing to do; `plain`: the rest; `quiet`: inside dense rows. */
  look?: 'primary' | 'plain' | 'quiet';
  /** Square, for an icon alone; give it an `aria-label`. */
  icon?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', icon = false, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${styles.button} ${styles[look]} ${icon ? styles.icon : ''} ${className}`}
      {...rest}
    />
  );
}
