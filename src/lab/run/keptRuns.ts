import type { StoreApi } from 'zustand/vanilla';
import { hasSameBits, type RecordedEngine } from '../../ml/training/log.ts';
import type { KeptContent } from '../../workers/runStorage.ts';
import type { Keeper } from '../keep/keeper.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabProblem, LabState } from '../state/state.ts';
import type { Replacing } from './replacing.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  keep: Keeper;
  report(problem: LabProblem): void;
  openRun: Replacing['openRun'];
}

/** Continues saved runs. */
export interface KeptRuns {
  /** Reopens the last visit's run at its last checkpoint, if this tab has one; returns whether it did. */
  comeBack(content: KeptContent | 'elsewhere' | undefined): Promise<boolean>;
  open(id: string): Promise<void>;
}

export function createKeptRuns({ labStore, keep, report, openRun }: Parts): KeptRuns {
  const { getState } = labStore;
  return { comeBack, open };

  async function comeBack(content: KeptContent | 'elsewhere' | undefined): Promise<boolean> {
    if (!content) return false;
    if (content === 'elsewhere') {
      const message = 'Another tab uses the last run and keeps it. This tab begins a new run.';
      report({ place: 'page', kind: 'notice', message });
      return false;
    }
    const { name, step, changed } = content.run;
    try {
      await openContent(content);
    } catch (error) {
      const message = `The run of the last visit could not be reopened. ${sentenceOf(error)}`;
      report({ place: 'page', kind: 'error', message });
      return false;
    }
    const message = `“${name}” is back at step ${step.toLocaleString('en-US')}, as saved at ${new Date(changed).toLocaleTimeString()}. ${arithmeticOf(content)}`;
    report({ place: 'page', kind: 'notice', message, offer: 'resume' });
    return true;
  }

  /** Says whether continuing gives the same bits as an uninterrupted run. */
  function arithmeticOf({ run: { engine: before } }: KeptContent): string {
    const { engine: now } = getState();
    const isSame = before && now && hasSameBits(recorded(before), recorded(now));
    return isSame
      ? 'It continues exactly as if it had never stopped.'
      : `It was trained on ${before?.id} (${before?.description}) and continues on ${now?.id} (${now?.description}), whose last bits differ.`;
  }

  async function open(id: string): Promise<void> {
    await openContent(await keep.read(id));
  }

  async function openContent(content: KeptContent): Promise<void> {
    const { run, ...arrays } = content;
    const { checkRun } = await import('./openedRun.ts');
    const opened = await checkRun({ ...run, ...arrays }, getState());
    // Keep the person's choice of engine; the run itself continues on an engine with the same bits.
    const engine = run.settings.engine === 'auto' ? 'auto' : opened.settings.engine;
    const settings = { ...opened.settings, engine };
    await openRun({ ...opened, settings }, { engine: opened.settings.engine, kept: content });
  }
}

function recorded({ id, ...engine }: NonNullable<KeptContent['run']['engine']>): RecordedEngine {
  return { engine: id, ...engine };
}
