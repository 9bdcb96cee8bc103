import type { Action } from './action.ts';
import { killWorker, loseDevice, reload } from './crashActions.ts';
import { dropBadFile, exportAndImport, exportPart, importParameters } from './fileActions.ts';
import { deleteRun, openRecorded, openRun } from './keptActions.ts';
import { press, scrub, seek, visitPanel } from './pageActions.ts';
import { attack, geometry, metamer, replay, spectrum } from './questionActions.ts';
import { rush } from './rushAction.ts';
import { pause, reset, resume, set, settle, step, stop, train } from './trainingActions.ts';

/** `[weight, action]`. */
export const ACTIONS: readonly (readonly [number, Action])[] = [
  [16, train],
  [8, settle],
  [5, pause],
  [4, resume],
  [4, stop],
  [5, step],
  [6, set],
  [5, reset],
  [5, seek],
  [6, scrub],
  [5, visitPanel],
  [7, press],
  [4, attack],
  [3, metamer],
  [4, spectrum],
  [3, geometry],
  [4, replay],
  [3, exportPart],
  [3, exportAndImport],
  [2, importParameters],
  [4, dropBadFile],
  [3, openRun],
  [2, deleteRun],
  [1, openRecorded],
  [6, killWorker],
  [4, rush],
  [3, loseDevice],
];

/** Whether reloads are allowed. Without reloads, a page lives long enough to judge its memory. */
export const ACTIONS_WITH_RELOADS: typeof ACTIONS = [...ACTIONS, [7, reload]];
