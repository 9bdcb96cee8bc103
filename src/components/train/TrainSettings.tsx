import type { Settings } from '../../lab/state/settings.ts';
import { isNotebookFamily } from '../../ml/model/network.ts';
import { useLab, useLabActions, useLabCore } from '../context/LabContext.tsx';
import { DataChoice, OwnImagesButtons } from '../data/DataChoice.tsx';
import { Button } from '../shared/Button.tsx';
import { Notice } from '../shared/Notice.tsx';
import { Select } from '../shared/Select.tsx';
import { Slider } from '../shared/Slider.tsx';
import { ExpressionField, NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { AdversarialTraining } from './AdversarialTraining.tsx';
import { EngineChoice } from './EngineChoice.tsx';
import { OptimizerSettings } from './OptimizerSettings.tsx';
import { needsReset } from './pending.ts';
import styles from './TrainSettings.module.css';

const filterCounts = [8, 16, 32, 64].map((value) => ({ value, label: String(value) }));
const kernelSizes = [3, 5, 7].map((value) => ({ value, label: `${value} × ${value}` }));
const speeds = [
  { value: 'fastest', label: 'Fastest' },
  { value: 'slow', label: 'Slow motion' },
] as const;
const slowSpeeds = [1, 2, 5, 10, 20, 50, 100];
const firstSlowSpeed = 5;

/** The settings of a run. The upper row acts at once, even during a run; the lower row needs a reset. */
export function TrainSettings() {
  const lab = useLabCore();
  const actions = useLabActions();
  const settings = useLab((state) => state.settings);
  const pending = useLab(needsReset);
  // The settings are those of the next run, whose network can differ from that of a recorded run.
  const isOtherNetwork = useLab(({ recorded, network }) => recorded !== false && !isNotebookFamily(network));
  const showsNotebook = settings.network === 'notebook' && !isOtherNetwork;
  const set = actions.set;

  const startOver = (changes: Partial<Settings>) => {
    set(changes);
    // Before the first step nothing can be lost, so build the new network at once.
    const { step, status } = lab.store.getState();
    if (step === 0 && status === 'idle') void actions.reset();
  };

  return (
    <div className={styles.settings}>
      <div className={styles.row}>
        <ExpressionField
          label="Learning rate"
          value={settings.learningRate}
          onCommit={(learningRate) => set({ learningRate })}
          check={actions.checkLearningRate}
          hint={
            <>
              A number, or a formula: <code>1e-3 * 0.9^epoch</code>
            </>
          }
        />
        <NumberField
          label="Batch size"
          value={settings.batchSize}
          minimum={1}
          maximum={4096}
          integer
          onCommit={(batchSize) => set({ batchSize })}
        />
        <NumberField
          label="Epochs"
          value={settings.epochs}
          minimum={1}
          maximum={1000}
          integer
          onCommit={(epochs) => set({ epochs })}
        />
      </div>
      <AdversarialTraining />
      <div className={styles.speed}>
        <ToggleGroup
          label="Speed"
          value={settings.speed === 'fastest' ? 'fastest' : 'slow'}
          options={speeds}
          onChange={(choice) => set({ speed: choice === 'fastest' ? 'fastest' : firstSlowSpeed })}
        />
        {settings.speed !== 'fastest' && (
          <Slider
            label="Steps per second"
            value={settings.speed}
            stops={slowSpeeds}
            format={(value) => `${value} / s`}
            onChange={(speed) => set({ speed })}
          />
        )}
      </div>
      <div className={styles.row}>
        <DataChoice onChange={(data) => startOver({ data })} />
        <NumberField
          label="Seed"
          remark="after a reset"
          value={settings.seed}
          minimum={0}
          maximum={2 ** 32 - 1}
          integer
          onCommit={(seed) => startOver({ seed })}
        />
        {showsNotebook && (
          <>
            <Select
              label="Filters"
              remark="after a reset"
              value={settings.filters}
              options={withPresent(filterCounts, settings.filters, String(settings.filters))}
              onChange={(filters) => startOver({ filters })}
            />
            <Select
              label="Kernel"
              remark="after a reset"
              value={settings.kernelSize}
              options={withPresent(
                kernelSizes,
                settings.kernelSize,
                `${settings.kernelSize} × ${settings.kernelSize}`,
              )}
              onChange={(kernelSize) => startOver({ kernelSize })}
            />
          </>
        )}
      </div>
      <OwnImagesButtons />
      {isOtherNetwork && (
        <p className={styles.network}>
          The recorded run has the network above. These settings are for the next run, which Train starts with{' '}
          {settings.network === 'notebook'
            ? `the notebook’s network: ${settings.filters} filters of ${settings.kernelSize} × ${settings.kernelSize}.`
            : `the network ${settings.network}.`}
        </p>
      )}
      {!showsNotebook && (
        <p className={styles.network}>
          The network is changed above, under <a href="#network">Edit network</a>.
        </p>
      )}
      <OptimizerSettings onChange={startOver} />
      {pending && !isOtherNetwork && (
        <Notice action={<Button onClick={() => void actions.reset()}>Reset now</Button>}>
          {pending} The present run keeps its original settings.
        </Notice>
      )}
      <EngineChoice />
    </div>
  );
}

/** Adds the current value, which a script may have set, if the list lacks it. */
function withPresent(options: { value: number; label: string }[], value: number, label: string) {
  return options.some((option) => option.value === value) ? options : [...options, { value, label }];
}
