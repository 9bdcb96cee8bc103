import type { LabState } from '../../lab/state/state.ts';
import { ADAM, type OptimizerDescription } from '../../ml/model/optimizer.ts';

/** A sentence that lists the settings that wait for a reset; undefined if there are none. */
export function needsReset({ settings, data, log, recorded }: LabState): string | undefined {
  const started = log.findLast((entry) => entry.kind === 'reset');
  if (!started) return undefined;
  const notebook = settings.network === 'notebook';
  const waiting = [
    settings.seed !== started.seed && `seed ${settings.seed}`,
    data !== undefined && settings.data !== data.id && !recorded && 'the chosen data',
    settings.network !== (started.network ?? 'notebook') &&
      (settings.network === 'notebook' ? 'the notebook’s network' : `the network ${settings.network}`),
    notebook && settings.filters !== started.filters && `${settings.filters} filters`,
    notebook &&
      settings.kernelSize !== started.kernelSize &&
      `kernels of ${settings.kernelSize} × ${settings.kernelSize}`,
    !recorded &&
      optimizerText(settings.optimizer) !== optimizerText(started.optimizer ?? ADAM) &&
      optimizerText(settings.optimizer),
  ].filter((part) => part !== false);
  if (waiting.length === 0) return undefined;
  const list = new Intl.ListFormat('en').format(waiting);
  return `${list[0].toUpperCase()}${list.slice(1)} will apply after the next reset.`;
}

function optimizerText(optimizer: OptimizerDescription): string {
  if (optimizer.kind === 'adam') return 'Adam';
  return `SGD with momentum ${optimizer.momentum} and weight decay ${optimizer.weightDecay}`;
}
