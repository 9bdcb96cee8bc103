import { type ReactNode, useEffect, useId, useState } from 'react';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { plainExpression, readNumber } from '../../ml/expressions/typed.ts';
import styles from './Field.module.css';
import { describedBy, Field } from './Field.tsx';

interface TextFieldProps {
  label: string;
  /** The committed value as text. */
  value: string;
  /** Called with the text on Enter or blur. The message of a thrown Error appears below the field. */
  onCommit: (text: string) => void;
  /** Returns an error for the text while it is typed, if any. Called when typing pauses. */
  check?: (text: string) => string | undefined | Promise<string | undefined>;
  /** An error found later in the committed value; typing clears it. */
  problem?: string;
  remark?: string;
  hint?: ReactNode;
  disabled?: boolean;
  inputMode?: 'text' | 'numeric' | 'decimal';
  code?: boolean;
}

const typingRest = 250;

/**
 * A text that is committed on Enter or blur. Invalid text stays until corrected; Escape restores the committed value.
 */
export function TextField({
  label,
  value,
  onCommit,
  check,
  problem,
  remark,
  hint,
  disabled,
  inputMode,
  code,
}: TextFieldProps) {
  const id = useId();
  const { draft, setDraft, error, commit, leave } = useDraft({ value, onCommit, check, problem });

  return (
    <Field id={id} label={label} remark={remark} hint={hint} error={error}>
      <input
        id={id}
        className={`${styles.control} ${code ? styles.code : ''}`}
        type="text"
        inputMode={inputMode}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        disabled={disabled}
        value={draft ?? value}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, { hint, error })}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void commit();
          if (event.key === 'Escape') leave();
        }}
      />
    </Field>
  );
}

type DraftOptions = Pick<TextFieldProps, 'value' | 'onCommit' | 'check' | 'problem'>;

/** The text while it is edited, with its error. */
function useDraft({ value, onCommit, check, problem }: DraftOptions) {
  const [draft, setDraft] = useState<string>();
  const [typingError, setError] = useState<string>();
  const error = typingError ?? (draft === undefined ? problem : undefined);

  useEffect(() => {
    if (draft === undefined || !check) return;
    let stale = false;
    const timer = setTimeout(async () => {
      const found = await check(draft);
      if (!stale) setError(found);
    }, typingRest);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [draft, check]);

  const leave = () => {
    setDraft(undefined);
    setError(undefined);
  };

  const commit = async () => {
    if (draft === undefined) return;
    const found = await check?.(draft);
    if (found !== undefined) {
      setError(found);
      return;
    }
    try {
      if (draft.trim() !== value) onCommit(draft.trim());
      leave();
    } catch (problem) {
      setError(sentenceOf(problem));
    }
  };

  return { draft, setDraft, error, commit, leave };
}

type ExpressionFieldProps = Omit<TextFieldProps, 'inputMode' | 'code'>;

/** A number or a formula. Typographic characters are replaced by the parser's own before the commit. */
export function ExpressionField({ onCommit, ...rest }: ExpressionFieldProps) {
  return <TextField {...rest} inputMode="text" code onCommit={(text) => onCommit(plainExpression(text))} />;
}

interface NumberFieldProps
  extends Omit<TextFieldProps, 'value' | 'onCommit' | 'check' | 'inputMode' | 'code'> {
  value: number;
  onCommit: (value: number) => void;
  minimum?: number;
  maximum?: number;
  /** Whole numbers only. */
  integer?: boolean;
}

/** A number within limits. Invalid text stays as typed, with an error below. */
export function NumberField({
  value,
  onCommit,
  minimum,
  maximum,
  integer = false,
  ...rest
}: NumberFieldProps) {
  const expected = `${integer ? 'a whole number' : 'a number'}${rangeText(minimum, maximum)}`;
  const read = (text: string): { value: number } | { complaint: string } => {
    const typed = readNumber(text, { whole: integer });
    const found = 'problem' in typed ? typed.problem : `found "${text}"`;
    const fits =
      'value' in typed &&
      (!integer || Number.isInteger(typed.value)) &&
      typed.value >= (minimum ?? Number.NEGATIVE_INFINITY) &&
      typed.value <= (maximum ?? Number.POSITIVE_INFINITY);
    return fits ? { value: typed.value } : { complaint: `Expected ${expected}, ${found}.` };
  };

  return (
    <TextField
      {...rest}
      value={String(value)}
      inputMode={integer ? 'numeric' : 'decimal'}
      check={(text) => {
        const result = read(text);
        return 'complaint' in result ? result.complaint : undefined;
      }}
      onCommit={(text) => {
        const result = read(text);
        if ('complaint' in result) throw new Error(result.complaint);
        if (result.value !== value) onCommit(result.value);
      }}
    />
  );
}

function rangeText(minimum?: number, maximum?: number): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  if (maximum !== undefined) return ` of at most ${maximum}`;
  return '';
}
