import type { Lab } from '../lab.ts';
import { linkTo } from '../share/link.ts';
import { bestEpoch } from '../state/history.ts';
import { analysisCalls } from './analysisCalls.ts';
import type { LabApi, LabSummary } from './labApi.ts';
import { questionCalls } from './questionCalls.ts';
import { trainingCalls } from './trainingCalls.ts';

export function createLabApi(lab: Lab): LabApi {
  const { workers } = lab;
  return {
    ready: lab.ready,
    get state() {
      return summaryOf(lab);
    },
    engines: () => workers.trainer.call('engines', undefined),
    ...trainingCalls(lab),
    ...questionCalls(lab),
    ...analysisCalls(lab),
    async openData(files, options) {
      await lab.ready;
      return lab.ownImages.open(
        [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
        options,
      );
    },
    share: (options) => linkTo(lab, options),
    export: (kind, options) => lab.files.export(kind, options),
    openRecorded: () => lab.files.openRecorded(),
    import: (file) => lab.files.import(file instanceof Blob ? file : new Blob([file])),
  };
}

function summaryOf({ store }: Lab): LabSummary {
  const { status, engine, step, epoch, settings, history, problems } = store.getState();
  const last = history.epochs.at(-1);
  const best = bestEpoch(history);
  return {
    status,
    engine,
    step,
    epoch,
    settings: { ...settings },
    metrics: {
      trainLoss: history.length > 0 ? history.losses[history.length - 1] : undefined,
      trainAccuracy: history.length > 0 ? history.accuracies[history.length - 1] : undefined,
      testLoss: last?.testLoss,
      testAccuracy: last?.testAccuracy,
      bestTestAccuracy: best?.testAccuracy,
      bestEpoch: best?.epoch,
    },
    history: {
      losses: history.losses.slice(0, history.length),
      accuracies: history.accuracies.slice(0, history.length),
      epochs: [...history.epochs],
    },
    problems: problems.map(({ message }) => message),
  };
}
