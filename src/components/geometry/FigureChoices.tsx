import { useState } from 'react';
import type { EstimatorSettings } from '../../lab/geometry/estimators.ts';
import { formatCount } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { choicesNote } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';
import type { RadiusKind } from './measures.ts';

const radiusOptions = [
  { value: 'median', label: 'Median radius' },
  { value: 'mean', label: 'Mean' },
] as const;
const stepOptions = [
  { value: 'log', label: 'Log steps' },
  { value: 'linear', label: 'Linear' },
] as const;
const lineOptions = [
  { value: 'layers', label: 'All classes' },
  { value: 'classes', label: 'Each class' },
] as const;

type Lines = (typeof lineOptions)[number]['value'];
type Steps = (typeof stepOptions)[number]['value'];

/** The choices of how the charts show the figures. `note` explains an estimator without choices. */
export function useFigureChoices(method: EstimatorSettings) {
  const [radius, setRadius] = useState<RadiusKind>('median');
  const [steps, setSteps] = useState<Steps>('log');
  const [wantedLines, setLines] = useState<Lines>('layers');
  const note = choicesNote(method);
  const lines = note === undefined ? wantedLines : 'layers';
  return { note, radius, setRadius, steps, setSteps, lines, setLines };
}

interface FigureChoicesProps extends ReturnType<typeof useFigureChoices> {
  /** The analyzed step shown, and the step of the moment. */
  shown: number;
  step: number;
}

/** The step of the figures, and the choices of how the charts show them. */
export function FigureChoices({ shown, step, ...choices }: FigureChoicesProps) {
  const { note, radius, setRadius, steps, setSteps, lines, setLines } = choices;
  const stale = shown !== step;
  return (
    <div className={styles.heading}>
      <p role="status" className={stale ? styles.stale : undefined}>
        <LiveText
          text={`at step ${formatCount(shown)}${stale ? `, not yet of step ${formatCount(step)}` : ''}`}
          digits={36}
          flows
        />
      </p>
      {note === undefined && (
        <>
          <ToggleGroup
            label="Lines"
            hideLabel
            compact
            value={lines}
            options={lineOptions}
            onChange={setLines}
          />
          <ToggleGroup
            label="Radius"
            hideLabel
            compact
            value={radius}
            options={radiusOptions}
            onChange={setRadius}
          />
        </>
      )}
      <ToggleGroup label="Steps" hideLabel compact value={steps} options={stepOptions} onChange={setSteps} />
    </div>
  );
}
