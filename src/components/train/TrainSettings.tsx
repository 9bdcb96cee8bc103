import type { Settings } from '../../lab/state/settings.ts';
import type { LabState } from '../../lab/state/state.ts';
import { isNotebookFamily } from '../../ml/model/network.ts';
import { useLab, useLabActions, useLabCore } from '../context/LabContext.tsx';
import { DataChoice, OwnImagesButtons } from '../data/DataChoice.tsx';
import { Button } from '../shared/Button.tsx';
import { Notice } from '../shared/Notice.tsx';
import { SeedField } from '../shared/SeedField.tsx';
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
  const pending = useLab(needsReset);
  const isOther = useLab(isOtherNetwork);

  const startOver = (changes: Partial<Settings>) => {
    actions.set(changes);
    // Before the first step nothing can be lost, so build the new network at once.
    const { step, status } = lab.store.getState();
    if (step === 0 && status === 'idle') void actions.reset();
  };

  return (
    <div className={styles.settings}>
      <TrainingRow />
      <AdversarialTraining />
      <SpeedChoice />
      <RunRow onChange={startOver} />
      <OwnImagesButtons />
      <NetworkRemarks />
      <OptimizerSettings onChange={startOver} />
      {pending && !isOther && (
        <Notice action={<Button onClick={() => void actions.reset()}>Reset now</Button>}>
          {pending} The present run keeps its original settings.
        </Notice>
      )}
      <EngineChoice />
    </div>
  );
}

/** The settings that act at once. */
function TrainingRow() {
  const { set, checkLearningRate } = useLabActions();
  const { learningRate, batchSize, epochs } = useLab((state) => state.settings);
  return (
    <div className={styles.row}>
      <ExpressionField
        label="Learning rate"
        value={learningRate}
        onCommit={(learningRate) => set({ learningRate })}
        check={checkLearningRate}
        hint={
          <>
            A number, or a formula: <code>1e-3 * 0.9^epoch</code>
          </>
        }
      />
      <NumberField
        label="Batch size"
        value={batchSize}
        minimum={1}
        maximum={4096}
        integer
        onCommit={(batchSize) => set({ batchSize })}
      />
      <NumberField
        label="Epochs"
        value={epochs}
        minimum={1}
        maximum={1000}
        integer
        onCommit={(epochs) => set({ epochs })}
      />
    </div>
  );
}

function SpeedChoice() {
  const { set } = useLabActions();
  const speed = useLab((state) => state.settings.speed);
  return (
    <div className={styles.speed}>
      <ToggleGroup
        label="Speed"
        value={speed === 'fastest' ? 'fastest' : 'slow'}
        options={speeds}
        onChange={(choice) => set({ speed: choice === 'fastest' ? 'fastest' : firstSlowSpeed })}
      />
      {speed !== 'fastest' && (
        <Slider
          label="Steps per second"
          value={speed}
          stops={slowSpeeds}
          format={(value) => `${value} / s`}
          onChange={(speed) => set({ speed })}
        />
      )}
    </div>
  );
}

/** The settings that need a new run. */
function RunRow({ onChange }: { onChange: (changes: Partial<Settings>) => void }) {
  const { seed, filters, kernelSize } = useLab((state) => state.settings);
  const showsNotebook = useLab(nextIsNotebook);
  return (
    <div className={styles.row}>
      <DataChoice onChange={(data) => onChange({ data })} />
      <SeedField remark="after a reset" value={seed} onCommit={(seed) => onChange({ seed })} />
      {showsNotebook && (
        <>
          <Select
            label="Filters"
            remark="after a reset"
            value={filters}
            options={withPresent(filterCounts, filters, String(filters))}
            onChange={(filters) => onChange({ filters })}
          />
          <Select
            label="Kernel"
            remark="after a reset"
            value={kernelSize}
            options={withPresent(kernelSizes, kernelSize, `${kernelSize} × ${kernelSize}`)}
            onChange={(kernelSize) => onChange({ kernelSize })}
          />
        </>
      )}
    </div>
  );
}

/** Says where the network is changed, and which network the next run has if the recorded run has another. */
function NetworkRemarks() {
  const settings = useLab((state) => state.settings);
  const isOther = useLab(isOtherNetwork);
  const showsNotebook = useLab(nextIsNotebook);
  return (
    <>
      {isOther && (
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
    </>
  );
}

/** The settings are those of the next run, whose network can differ from that of a recorded run. */
function isOtherNetwork({ recorded, network }: LabState): boolean {
  return recorded !== false && !isNotebookFamily(network);
}

/** Whether the next run has the notebook's network, with its two settings. */
function nextIsNotebook(state: LabState): boolean {
  return state.settings.network === 'notebook' && !isOtherNetwork(state);
}

/** Adds the current value, which a script may have set, if the list lacks it. */
function withPresent(options: { value: number; label: string }[], value: number, label: string) {
  return options.some((option) => option.value === value) ? options : [...options, { value, label }];
}
