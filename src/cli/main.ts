#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { version } from '../../package.json';
import { runCommandLine } from './commandLine.ts';
import { EXIT } from './frame/command.ts';
import { threadStarter } from './threads/startThread.ts';

/** npx repeats the Ctrl-C that the terminal has already sent. A second signal within this time (ms) is such a repetition. */
const MILLISECONDS_BETWEEN = 500;

const interruption = new AbortController();
// Every call of a thread listens.
setMaxListeners(0, interruption.signal);
let interruptedAt = 0;
process.on('SIGINT', () => {
  if (interruption.signal.aborted) {
    if (performance.now() - interruptedAt > MILLISECONDS_BETWEEN) process.exit(EXIT.interrupted);
    return;
  }
  interruptedAt = performance.now();
  interruption.abort();
  process.stderr.write('\nEnding; what is done will be written. Press Ctrl-C again to end at once.\n');
});
// A reader such as `head` closes the pipe before the output ends; this is no error.
process.stdout.on('error', () => process.exit(EXIT.done));

process.exitCode = await runCommandLine(process.argv.slice(2), {
  version,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  signal: interruption.signal,
  cores: availableParallelism(),
  startThread: threadStarter(new URL('./thread.js', import.meta.url)),
});
