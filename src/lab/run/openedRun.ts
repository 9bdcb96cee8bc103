import { CallError } from '../../ml/callError.ts';
import { MNIST } from '../../ml/data/shipped.ts';
import { Json } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { sameNetwork } from '../../ml/model/network.ts';
import type { NetworkState } from '../../ml/model/parameters.ts';
import { networkText } from '../../ml/model/text.ts';
import type { RunPosition } from '../../ml/training/run.ts';
import type { KeptResult } from '../../workers/storedRecords.ts';
import { type Savable, savable } from '../keep/findings.ts';
import { readKeptResults, readResultsFile } from '../keep/readFindings.ts';
import { runSettingsSchema } from '../state/runSettings.ts';
import type { Settings } from '../state/settings.ts';
import { checkLearningRate, checkSettings, networkOf } from '../state/settings.ts';
import type { LabState } from '../state/state.ts';

/** The content that an opened run starts from instead of a seed. */
export interface OpenedRun
  extends Omit<RunContent, 'settings' | 'checkpoint' | 'results' | 'attachments' | 'images'> {
  settings: Settings;
  /** The panels' findings about the run, in order of discovery. */
  findings: Savable[];
  /** Without an optimizer state, the run can be viewed but not continued. */
  checkpoint: { position: RunPosition; state: NetworkState };
}

type Content = Omit<RunContent, 'checkpoint' | 'results' | 'attachments' | 'images'> & {
  checkpoint?: OpenedRun['checkpoint'];
  /** Results from a file, or from the saved run. */
  results: RunContent['results'] | KeptResult[];
};

/**
 * Checks that this lab can continue a run.
 * @throws an Error that says what does not match.
 */
export async function checkRun(content: Content, { engines }: LabState): Promise<OpenedRun> {
  const { results, ...run } = content;
  const { dataSet, network, checkpoint, losses } = run;
  const data = run.data ?? (dataSet === MNIST.name ? MNIST : undefined);
  if (!data) {
    throw new CallError(
      'openRun',
      `expected a run on ${MNIST.name}, or one that describes its data, found one on ${JSON.stringify(dataSet)}`,
    );
  }
  if (!checkpoint) {
    throw new CallError(
      'openRun',
      'expected a checkpoint to continue from, found none. Export the run again.',
    );
  }
  if (losses.length !== checkpoint.position.step) {
    throw new CallError(
      'openRun',
      `expected the losses of ${checkpoint.position.step} steps, found ${losses.length}: the file is damaged`,
    );
  }
  const settings = runSettingsSchema.read(new Json(content.settings, 'settings'));
  // Continue with the run's original arithmetic, if this machine has it.
  const last = content.log.findLast((entry) => entry.kind === 'engine');
  const isHere = engines.some(({ id, available }) => id === last?.engine && available);
  settings.data = data.id;
  settings.engine = last?.kind === 'engine' && isHere ? last.engine : 'auto';
  const shape = { input: network.input, classes: data.classNames.length };
  checkSettings(settings, shape);
  if (!sameNetwork(networkOf(settings, shape), network)) {
    throw new CallError(
      'openRun',
      `expected the network of the settings, ${networkText(networkOf(settings, shape))}, found ${networkText(network)}`,
    );
  }
  const { optimizer } = checkpoint.state;
  if (optimizer && optimizer.kind !== settings.optimizer.kind) {
    throw new CallError(
      'openRun',
      `expected the state of the settings' optimizer, ${settings.optimizer.kind}, found that of ${optimizer.kind}`,
    );
  }
  await checkLearningRate(settings.learningRate);
  const { step } = checkpoint.position;
  const findings = Array.isArray(results)
    ? await readKeptResults(results, { network, step })
    : await readResultsFile(results, { network, step });
  return { ...run, settings, checkpoint, findings: findings.map(savable) };
}
