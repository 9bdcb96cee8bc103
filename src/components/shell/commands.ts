import type { LabState } from '../../lab/state/state.ts';
import { isHidden } from '../context/hidden.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { toggleTheme } from '../context/theme.ts';
import type { IconName } from '../shared/Icon.tsx';
import { pressedKey } from './pressedKey.ts';

export interface CommandContext {
  lab: LabCore;
  openHelp: () => void;
  openRuns: () => void;
  openShare: () => void;
  openExport: () => void;
  openChecks: () => void;
  openLessons: () => void;
  /** Shows an error in the page. */
  report: (problem: unknown) => void;
}

/** An action, which defines its button, its key and its line in the help. */
export interface Command {
  id: 'run' | 'step' | 'steps' | 'reset' | 'runs' | 'share' | 'export' | 'learn' | 'theme' | 'help';
  /** `KeyboardEvent.key`. */
  key: string;
  keyName: string;
  description: string;
  label(state: LabState): string;
  icon(state: LabState): IconName;
  enabled(state: LabState): boolean;
  run(context: CommandContext): void;
}

export const runCommand: Command = {
  id: 'run',
  key: ' ',
  keyName: 'Space',
  description: 'Train, pause, resume',
  label: ({ status, step, recorded }) => {
    if (status === 'training') return 'Pause';
    if (status === 'paused') return 'Resume';
    return step > 0 && !recorded ? 'Train more' : 'Train';
  },
  icon: ({ status }) => (status === 'training' ? 'pause' : 'play'),
  enabled: () => true,
  run: ({ lab: { store, actions }, report }) => {
    const { status } = store.getState();
    if (status === 'training') actions.pause().catch(report);
    else if (status === 'paused') actions.resume().catch(report);
    else actions.train().catch(report);
  },
};

export const stepCommand: Command = {
  id: 'step',
  key: '.',
  keyName: '.',
  description: 'Make one update, then pause',
  label: () => 'Step',
  icon: () => 'step',
  enabled: ({ status, hidden }) => status !== 'training' && !isHidden(hidden, 'step'),
  run: ({ lab, report }) => void lab.actions.stepBy(1).catch(report),
};

const stepsCommand: Command = {
  id: 'steps',
  key: '>',
  keyName: 'Shift + .',
  description: 'Make 100 updates, then pause',
  label: () => '100 steps',
  icon: () => 'step',
  enabled: ({ status, hidden }) => status !== 'training' && !isHidden(hidden, 'step'),
  run: ({ lab, report }) => void lab.actions.stepBy(100).catch(report),
};

export const resetCommand: Command = {
  id: 'reset',
  key: 'R',
  keyName: 'Shift + R',
  description: 'Start over from the seed',
  label: () => 'Reset',
  icon: () => 'reset',
  enabled: ({ status, hidden }) => status !== 'starting' && !isHidden(hidden, 'reset'),
  run: ({ lab, report }) => void lab.actions.reset().catch(report),
};

export const runsCommand: Command = {
  id: 'runs',
  key: 'l',
  keyName: 'L',
  description: 'List the runs saved in this browser',
  label: () => 'Runs',
  icon: () => 'runs',
  enabled: ({ hidden }) => !isHidden(hidden, 'reset'),
  run: ({ openRuns }) => openRuns(),
};

export const shareCommand: Command = {
  id: 'share',
  key: 's',
  keyName: 'S',
  description: 'Copy a link to this lab',
  label: () => 'Share',
  icon: () => 'share',
  enabled: ({ hidden }) => !isHidden(hidden, 'share'),
  run: ({ openShare }) => openShare(),
};

export const exportCommand: Command = {
  id: 'export',
  key: 'e',
  keyName: 'E',
  description: 'Save the run or parts of it as files, or open a file',
  label: () => 'Export',
  icon: () => 'file',
  enabled: ({ hidden }) => !isHidden(hidden, 'export'),
  run: ({ openExport }) => openExport(),
};

export const learnCommand: Command = {
  id: 'learn',
  key: 'g',
  keyName: 'G',
  description: 'Choose a guided lesson',
  label: () => 'Learn',
  icon: () => 'learn',
  enabled: () => true,
  run: ({ openLessons }) => openLessons(),
};

export const themeCommand: Command = {
  id: 'theme',
  key: 't',
  keyName: 'T',
  description: 'Light or dark',
  label: () => 'Light or dark theme',
  icon: () => 'moon',
  enabled: () => true,
  run: () => toggleTheme(),
};

export const helpCommand: Command = {
  id: 'help',
  key: '?',
  keyName: '?',
  description: 'Open this help',
  label: () => 'Help',
  icon: () => 'help',
  enabled: () => true,
  run: ({ openHelp }) => openHelp(),
};

export const commands: readonly Command[] = [
  runCommand,
  stepCommand,
  stepsCommand,
  resetCommand,
  runsCommand,
  shareCommand,
  exportCommand,
  learnCommand,
  themeCommand,
  helpCommand,
];

const takesKeys =
  'input, select, textarea, button, a[href], summary, [role="application"], [contenteditable], dialog';

/** Runs the key's command, unless the focused element handles the key. */
export function handleKey(event: KeyboardEvent, context: CommandContext): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  // A focused button handles only Space and Enter; the page handles all other keys.
  const owner = event.target instanceof Element ? event.target.closest(takesKeys) : null;
  const owned = owner?.matches('button, a[href], summary')
    ? event.key === ' ' || event.key === 'Enter'
    : owner !== null;
  if (owned || document.querySelector('dialog[open]')) return;
  const pressed = pressedKey(event);
  const command = commands.find(({ key }) => key === pressed);
  if (!command?.enabled(context.lab.store.getState())) return;
  event.preventDefault();
  if (!event.repeat || command.id === 'step') command.run(context);
}
