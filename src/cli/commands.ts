import type { Command } from './frame/command.ts';
import { geometryCommand } from './geometry/geometryCommand.ts';
import { spectrumCommand } from './spectrum/spectrumCommand.ts';
import { trainCommand } from './train/trainCommand.ts';
import { worksheetCommand } from './worksheet/worksheetCommand.ts';

/** The tool's commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  geometryCommand,
  spectrumCommand,
  trainCommand,
  worksheetCommand,
];
