import { useId, useState } from 'react';
import type { Facts } from '../../lessons/facts.ts';
import type {
  Answer,
  ChoiceQuestion,
  CurveQuestion,
  NumberQuestion,
  Question,
} from '../../lessons/lesson.ts';
import { Button } from '../shared/Button.tsx';
import { Slider } from '../shared/Slider.tsx';
import { PredictedCurve } from './PredictedCurve.tsx';
import styles from './QuestionForm.module.css';

interface QuestionFormProps<Own extends Question> {
  question: Own;
  /** The saved answer. */
  given: readonly number[] | undefined;
  facts: Facts;
  /** The step is done, so the run's own answer stands beside the reader's. */
  revealed: boolean;
  onAnswer: (answer: Answer) => void;
}

/** The reader answers first; the run's answer appears when the step is done. */
export function QuestionForm(props: QuestionFormProps<Question>) {
  const { question, ...rest } = props;
  switch (question.kind) {
    case 'choice':
      return <Choice question={question} {...rest} />;
    case 'number':
      return <NumberAnswer question={question} {...rest} />;
    case 'curve':
      return <CurveAnswer question={question} {...rest} />;
    default:
      return question satisfies never;
  }
}

function Choice({ question, given, facts, revealed, onAnswer }: QuestionFormProps<ChoiceQuestion>) {
  const chosen = given?.[0];
  const name = useId();
  const shown = revealed ? (question.shown?.(facts) ?? question.right) : undefined;
  const verdict = question.shown ? 'your run shows this' : 'this is right';
  return (
    <fieldset className={styles.question}>
      <legend>{question.question}</legend>
      {question.options.map((option, place) => (
        <label key={option} className={styles.option} data-shown={place === shown}>
          <input type="radio" name={name} checked={place === chosen} onChange={() => onAnswer(place)} />
          <span>
            {option}
            {place === shown && <span className={styles.verdict}>{verdict}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function NumberAnswer({ question, given, facts, revealed, onAnswer }: QuestionFormProps<NumberQuestion>) {
  const { range, resolution, unit } = question;
  const [value, setValue] = useState(given?.[0] ?? (range[0] + range[1]) / 2);
  const shown = revealed ? question.shown?.(facts) : undefined;
  const format = (number: number) => `${formatTo(number, resolution)}${unit}`;
  return (
    <div className={styles.question}>
      <Slider
        label={question.question}
        value={value}
        minimum={range[0]}
        maximum={range[1]}
        step={resolution}
        format={format}
        disabled={given !== undefined}
        onChange={setValue}
      />
      {given === undefined && <Button onClick={() => onAnswer(value)}>This is my guess</Button>}
      {shown !== undefined && (
        <p className={styles.outcome}>
          You expected {format(value)}; your run shows <strong>{format(shown)}</strong>.
        </p>
      )}
    </div>
  );
}

function CurveAnswer({ question, given, facts, revealed, onAnswer }: QuestionFormProps<CurveQuestion>) {
  const { range, places } = question;
  const [values, setValues] = useState<readonly number[]>(
    given ?? places.map(() => (range[0] + range[1]) / 2),
  );
  return (
    <fieldset className={styles.question}>
      <legend>{question.question}</legend>
      <PredictedCurve
        question={question}
        values={values}
        measured={revealed ? question.shown(facts) : undefined}
        onChange={given ? undefined : setValues}
      />
      {given === undefined && <Button onClick={() => onAnswer(values)}>This is my guess</Button>}
    </fieldset>
  );
}

function formatTo(value: number, resolution: number): string {
  return value.toFixed(Math.max(0, Math.ceil(-Math.log10(resolution))));
}
