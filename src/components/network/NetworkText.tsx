import { useId, useState } from 'react';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { Field } from '../shared/Field.tsx';
import styles from './NetworkEditor.module.css';

interface NetworkTextProps {
  /** The present draft as text. */
  text: string;
  /** Reads a text into the draft. @throws an Error that names the layer. */
  read: (text: string) => void;
}

/** The network as text. A text without faults changes the layers while it is typed. */
export function NetworkText({ text, read }: NetworkTextProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [error, setError] = useState<string>();
  const change = (next: string) => {
    setTyped(next);
    try {
      read(next);
      setError(undefined);
    } catch (problem) {
      setError(sentenceOf(problem));
    }
  };
  return (
    <Field
      id={id}
      label="As text"
      error={error}
      hint="For example: conv 6 5x5 same, relu, pool 2, fc 120, relu, fc 10"
    >
      <textarea
        id={id}
        className={styles.text}
        rows={2}
        spellCheck={false}
        autoCapitalize="off"
        aria-invalid={error !== undefined}
        aria-describedby={error ? `${id}-error` : `${id}-hint`}
        value={typed ?? text}
        onChange={(event) => change(event.target.value)}
        onBlur={() => {
          // A text with a fault stays as typed; otherwise the field shows the layers.
          if (error === undefined) setTyped(undefined);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || typed === undefined) return;
          event.stopPropagation();
          setTyped(undefined);
          setError(undefined);
        }}
      />
    </Field>
  );
}
