import { useId } from 'react';
import { useStore } from 'zustand';
import { AS_THE_NOTEBOOK, matchedLayers } from '../../lab/metamers/recipe.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { CallError } from '../../ml/callError.ts';
import type { MetamerStart } from '../../ml/metamers/start.ts';
import { presetOf } from '../../ml/model/presets.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { Select } from '../shared/Select.tsx';
import { ExpressionField, NumberField } from '../shared/TextField.tsx';
import styles from './MetamersPanel.module.css';

const losses = [
  { value: 'mse', label: 'Mean squared error' },
  { value: 'normalized', label: 'Normalized distance' },
  { value: 'own', label: 'Custom' },
] as const;
const firstExpression = 'mean((b - a)^2) + 0.1 * mean(abs(x))';

/** The settings for making metamers. */
export function MetamerControls() {
  const { metamers } = useLabHandle();
  const controls = useStore(metamers.store, (state) => state.controls);
  const { running, paused, lossProblem } = useStore(metamers.store);
  const network = useLab((state) => state.network);
  const isNotebook = presetOf(network)?.id === 'notebook';
  const assumed = useId();
  const { layers, start, iterations, learningRate, loss, totalVariation, clip, accumulate } = controls;
  const change = metamers.change;
  const kind = loss === 'mse' || loss === 'normalized' ? loss : 'own';
  const names = matchedLayers(network);
  return (
    <div className={styles.controls}>
      <fieldset className={styles.choices}>
        <legend>Match the layer</legend>
        {names.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={layers.includes(name)}
              onChange={({ target }) =>
                change({
                  layers: names.filter((other) => (other === name ? target.checked : layers.includes(other))),
                })
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <div className={styles.grid}>
        <Start start={start} onChange={(start) => change({ start })} />
        <NumberField
          label="Iterations"
          value={iterations}
          minimum={1}
          maximum={100_000}
          integer
          onCommit={(iterations) => change({ iterations })}
          hint="100 in the notebook"
        />
        <NumberField
          label="Learning rate"
          value={learningRate}
          minimum={1e-6}
          maximum={10}
          onCommit={(learningRate) => change({ learningRate })}
        />
        <Select
          label="Loss"
          value={kind}
          options={losses}
          onChange={(value) => change({ loss: value === 'own' ? firstExpression : value })}
        />
        <NumberField
          label="Total variation"
          value={totalVariation}
          minimum={0}
          maximum={1000}
          onCommit={(totalVariation) => change({ totalVariation })}
        />
      </div>
      {kind === 'own' && (
        <ExpressionField
          label="Custom loss"
          value={loss}
          check={metamers.checkLoss}
          problem={lossProblem}
          onCommit={(loss) => change({ loss })}
          hint={
            <>
              A formula of the activations <code>a</code> (reference) and <code>b</code> (metamer) and the
              pixels <code>x</code>, with + - * / ^, abs, sqrt, exp, log, tanh, min, max, sum, mean, dot,
              norm.
            </>
          }
        />
      )}
      <div className={styles.run}>
        <fieldset className={styles.choices}>
          <legend className="visually-hidden">Options</legend>
          <label>
            <input
              type="checkbox"
              checked={clip}
              onChange={({ target }) => change({ clip: target.checked })}
            />
            Clip to [0, 1]
          </label>
          <label>
            <input
              type="checkbox"
              checked={accumulate}
              onChange={({ target }) => change({ accumulate: target.checked })}
            />
            Accumulate gradients, as in the notebook
          </label>
        </fieldset>
        <Button
          variant="primary"
          disabled={running || layers.length === 0}
          onClick={() => void metamers.run()}
        >
          Make metamers
        </Button>
        <Button variant="quiet" aria-describedby={assumed} onClick={() => change(AS_THE_NOTEBOOK)}>
          As the notebook
        </Button>
        {running && (
          <Button onClick={() => void (paused ? metamers.resume() : metamers.pause())}>
            {paused ? 'Go on' : 'Pause'}
          </Button>
        )}
        {running && <Button onClick={metamers.cancel}>Cancel</Button>}
      </div>
      <p id={assumed} className={styles.muted}>
        “As the notebook” assumes a start of N(0, 0.1²), which the notebook does not state, gradients that add
        up over 100 iterations, and no clipping.
        {isNotebook &&
          ' At conv this gives what the notebook prints: a pixel correlation of .86 after 100 iterations, and the lowest loss after 43 (44 in the notebook).'}
      </p>
    </div>
  );
}

const starts = {
  noise: { kind: 'noise', scale: 1, mean: 0, seed: 314 },
  uniform: { kind: 'uniform', seed: 314 },
  blank: { kind: 'blank', value: 0.5 },
} as const satisfies Record<string, MetamerStart>;

const startNames = [
  { value: 'noise', label: 'Noise' },
  { value: 'uniform', label: 'Uniform' },
  { value: 'blank', label: 'Blank' },
  { value: 'image', label: 'Another image' },
] as const;

function Start({ start, onChange }: { start: MetamerStart; onChange: (start: MetamerStart) => void }) {
  const { metamers, store, images } = useLabHandle();
  const choose = (kind: MetamerStart['kind']) => {
    if (kind !== 'image') onChange(starts[kind]);
    else {
      const { focus } = images.store.getState();
      if (focus) metamers.startFrom(focus);
      else metamers.report(sentenceOf(new CallError('start', 'expected an image in Activations first.')));
    }
  };
  const known = store.getState().data !== undefined;
  return (
    <>
      <Select
        label="Start"
        value={start.kind}
        options={startNames.map((option) => ({ ...option, disabled: option.value === 'image' && !known }))}
        onChange={choose}
        hint={start.kind === 'image' ? 'Choose “Start a metamer here” in the menu of any image.' : undefined}
      />
      {start.kind === 'noise' && (
        <>
          <NumberField
            label="Noise scale"
            value={start.scale}
            minimum={0}
            maximum={100}
            onCommit={(scale) => onChange({ ...start, scale })}
          />
          <NumberField
            label="Noise mean"
            value={start.mean}
            minimum={-100}
            maximum={100}
            onCommit={(mean) => onChange({ ...start, mean })}
          />
        </>
      )}
      {start.kind === 'blank' && (
        <NumberField
          label="Pixel value"
          value={start.value}
          minimum={0}
          maximum={1}
          onCommit={(value) => onChange({ ...start, value })}
        />
      )}
      {(start.kind === 'noise' || start.kind === 'uniform') && (
        <NumberField
          label="Seed"
          value={start.seed}
          minimum={0}
          maximum={2 ** 32 - 1}
          integer
          onCommit={(seed) => onChange({ ...start, seed })}
        />
      )}
    </>
  );
}
