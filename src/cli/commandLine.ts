import { CallError, messageOf } from '../ml/callError.ts';
import { FileError } from '../ml/formats/index.ts';
import { COMMANDS } from './commands.ts';
import { type Command, EXIT, type Host } from './frame/command.ts';
import { commandHelp, generalHelp } from './frame/help.ts';
import { parseOptions } from './frame/options.ts';
import { UsageError } from './frame/usageError.ts';

/**
 * Runs one call of the tool.
 * @param args the arguments after `untangle`.
 * @returns the exit code: 0, 1 for a fault of the tool, 2 for bad input, 130 after Ctrl-C. Errors are one line on standard error.
 */
export async function runCommandLine(args: readonly string[], host: Host): Promise<number> {
  try {
    return await run(args, host);
  } catch (error) {
    host.stderr(`untangle: ${oneLine(error)}\n`);
    const isInput = error instanceof UsageError || error instanceof CallError || error instanceof FileError;
    return isInput ? EXIT.badInput : EXIT.failed;
  }
}

async function run(args: readonly string[], host: Host): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    host.stdout(generalHelp(COMMANDS, host.version));
    return name === undefined ? EXIT.badInput : EXIT.done;
  }
  if (name === '--version' || name === '-v') {
    host.stdout(`${host.version}\n`);
    return EXIT.done;
  }
  const command = commandOf(name);
  if (rest.includes('--help') || rest.includes('-h')) {
    host.stdout(commandHelp(command));
    return EXIT.done;
  }
  return command.run(parseOptions(name, command.options, rest), host);
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    const names = COMMANDS.map((each) => each.name).join(', ');
    throw new UsageError(
      `expected a command among ${names}, found ${JSON.stringify(name)}; see “untangle --help”.`,
    );
  }
  return command;
}

function oneLine(error: unknown): string {
  const message = messageOf(error);
  return message.replace(/\s*\n\s*/g, ' ');
}
