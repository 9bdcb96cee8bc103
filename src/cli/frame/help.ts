import type { Command } from './command.ts';
import type { OptionSpec } from './options.ts';

/** Lines break before this column. */
const WIDTH = 100;

/** The text of `untangle --help`. */
export function generalHelp(commands: readonly Command[], version: string): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary] as const);
  return [
    `untangle ${version}: geometry, spectra and training of neural networks, on this machine alone`,
    '',
    'Usage: untangle COMMAND [OPTIONS]',
    '',
    ...columns(rows),
    '',
    '“untangle COMMAND --help” lists the options of a command.',
    '',
  ].join('\n');
}

/** The text of `untangle COMMAND --help`. */
export function commandHelp({ name, summary, usage, options, notes }: Command): string {
  const rows = Object.entries(options).map(([option, spec]) => [flag(option, spec), meaning(spec)] as const);
  return [
    `untangle ${name}: ${summary}`,
    '',
    `Usage: untangle ${name} ${usage}`,
    '',
    ...columns(rows),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
}

function flag(name: string, { value }: OptionSpec): string {
  return `  --${name}${value === undefined ? '' : ` ${value}`}`;
}

function meaning({ help, default: standard }: OptionSpec): string {
  return standard === undefined ? help : `${help} (default ${standard})`;
}

/** Two columns, the second with hanging lines. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([first]) => first.length)) + 2;
  return rows.flatMap(([first, second]) =>
    wrapped(second, WIDTH - left).map((line, i) => `${(i === 0 ? first : '').padEnd(left)}${line}`),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
