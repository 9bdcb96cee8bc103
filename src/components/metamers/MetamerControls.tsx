import { useId } from 'react';
import { AS_THE_NOTEBOOK, matchedLayers } from '../../lab/metamers/recipe.ts';
import { presetOf } from '../../ml/model/presets.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Checkbox } from '../shared/Checkbox.tsx';
import { Select } from '../shared/Select.tsx';
import { ExpressionField, NumberField } from '../shared/TextField.tsx';
import styles from './MetamersPanel.module.css';
import { StartFields } from './StartFields.tsx';

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
  const { start, iterations, learningRate, loss, totalVariation } = controls;
  const change = metamers.change;
  const kind = loss === 'mse' || loss === 'normalized' ? loss : 'own';
  return (
    <div className={styles.controls}>
      <LayerChoice />
      <div className={styles.grid}>
        <StartFields start={start} onChange={(start) => change({ start })} />
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
      {kind === 'own' && <OwnLoss />}
      <RunRow />
    </div>
  );
}

/** A formula of a person's own for the loss. */
function OwnLoss() {
  const { metamers } = useLabHandle();
  const { controls, lossProblem } = useStore(metamers.store);
  return (
    <ExpressionField
      label="Custom loss"
      value={controls.loss}
      check={metamers.checkLoss}
      problem={lossProblem}
      onCommit={(loss) => metamers.change({ loss })}
      hint={
        <>
          A formula of the activations <code>a</code> (reference) and <code>b</code> (metamer) and the pixels{' '}
          <code>x</code>, with + - * / ^, abs, sqrt, exp, log, tanh, min, max, sum, mean, dot, norm.
        </>
      }
    />
  );
}

/** The layers to match. */
function LayerChoice() {
  const { metamers } = useLabHandle();
  const layers = useStore(metamers.store, (state) => state.controls.layers);
  const network = useLab((state) => state.network);
  const names = matchedLayers(network);
  return (
    <fieldset className={styles.choices}>
      <legend>Match the layer</legend>
      {names.map((name) => (
        <Checkbox
          key={name}
          checked={layers.includes(name)}
          onChange={(checked) =>
            metamers.change({
              layers: names.filter((other) => (other === name ? checked : layers.includes(other))),
            })
          }
        >
          {name}
        </Checkbox>
      ))}
    </fieldset>
  );
}

/** The options of a run, and the buttons that start, pause and cancel it. */
function RunRow() {
  const { metamers } = useLabHandle();
  const { controls, running, paused } = useStore(metamers.store);
  const { layers, clip, accumulate } = controls;
  const isNotebook = useLab((state) => presetOf(state.network)?.id === 'notebook');
  const assumed = useId();
  const change = metamers.change;
  return (
    <>
      <div className={styles.run}>
        <fieldset className={styles.choices}>
          <legend className="visually-hidden">Options</legend>
          <Checkbox checked={clip} onChange={(clip) => change({ clip })}>
            Clip to [0, 1]
          </Checkbox>
          <Checkbox checked={accumulate} onChange={(accumulate) => change({ accumulate })}>
            Accumulate gradients, as in the notebook
          </Checkbox>
        </fieldset>
        <Button
          variant="primary"
          disabled={running || layers.length === 0}
          onClick={() => void metamers.run()}
        >
          Make metamers
        </Button>
        <Button variant="quiet" aria-describedby={assumed} onClick={() => change(AS_THE_NOTEBOOK)}>
          Use the notebook’s settings
        </Button>
        {running && (
          <Button onClick={() => void (paused ? metamers.resume() : metamers.pause())}>
            {paused ? 'Go on' : 'Pause'}
          </Button>
        )}
        {running && <Button onClick={metamers.cancel}>Cancel</Button>}
      </div>
      <p id={assumed} className={styles.muted}>
        The notebook’s settings accumulate gradients over 100 iterations and do not clip. Their start, N(0,
        0.1²), is an assumption, because the notebook does not state its own.
        {isNotebook &&
          ' At conv, these settings give the figures that the notebook prints: a pixel correlation of .86 after 100 iterations, and the lowest loss after 43 (44 in the notebook).'}
      </p>
    </>
  );
}
