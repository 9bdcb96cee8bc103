import type { Engine } from '../engines/engine.ts';
import { convolutionOf, isNotebookFamily } from '../model/network.ts';
import { networkText } from '../model/text.ts';
import type { LogEntry } from './log.ts';

/** The network and the optimizer of a run, from its log. */
export function madeOf({
  network,
  optimizer,
}: Pick<Engine, 'network' | 'optimizer'>): Omit<LogEntry & { kind: 'reset' }, 'kind' | 'step' | 'seed'> {
  const conv = convolutionOf(network);
  return {
    filters: conv?.filters ?? 0,
    kernelSize: conv?.kernelSize ?? 0,
    ...(isNotebookFamily(network) ? {} : { network: networkText(network) }),
    ...(optimizer.kind === 'adam' ? {} : { optimizer }),
  };
}
