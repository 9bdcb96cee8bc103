import { parseArgs } from 'node:util';
import { UsageError } from './usageError.ts';

/** An option of a command, as `--help` lists it. */
export interface OptionSpec {
  /** Name of the value in the help, such as `FILE`; a switch has none. */
  value?: string;
  /** Whether the option may be given several times. */
  repeats?: boolean;
  /** The default, as a person would type it; shown in the help. */
  default?: string;
  help: string;
}

type Specs = Readonly<Record<string, OptionSpec>>;

/** The options of one call, with defaults filled in, and readers that check them. */
export class GivenOptions {
  readonly positionals: readonly string[];
  readonly #command: string;
  readonly #specs: Specs;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #switches: ReadonlySet<string>;

  constructor(
    command: string,
    specs: Specs,
    given: { positionals: string[]; values: Map<string, string[]>; switches: Set<string> },
  ) {
    this.#command = command;
    this.#specs = specs;
    this.positionals = given.positionals;
    this.#values = given.values;
    this.#switches = given.switches;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#switches.has(name);
  }

  /** The text of an option, or its default; undefined if it has neither. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1) ?? this.#specs[name]?.default;
  }

  /** @throws UsageError if the option was not given and has no default. */
  required(name: string): string {
    const text = this.text(name);
    if (text === undefined) {
      throw this.fault(`expected --${name} ${this.#specs[name]?.value ?? ''}, found none`);
    }
    return text;
  }

  /** Every value of an option that repeats. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The items of a list with commas; undefined if the option was not given and has no default. */
  list(name: string): string[] | undefined {
    const items = this.text(name)?.split(',');
    const trimmed = items?.map((item) => item.trim());
    if (trimmed?.some((item) => item === '')) {
      throw this.fault(`expected items with a comma between them in --${name}, found an empty one`);
    }
    return trimmed;
  }

  /** One of the texts given. */
  oneOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    return this.choice(name, this.required(name), choices);
  }

  /** A list of some of the texts given. */
  someOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice[] {
    return [...new Set((this.list(name) ?? []).map((text) => this.choice(name, text, choices)))];
  }

  /** A whole number within limits. */
  whole(name: string, { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }): number {
    const text = this.required(name);
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      const limits = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw this.fault(`expected a whole number ${limits} after --${name}, found ${JSON.stringify(text)}`);
    }
    return value;
  }

  /** A finite number. */
  number(name: string): number {
    const text = this.required(name);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) {
      throw this.fault(`expected a number after --${name}, found ${JSON.stringify(text)}`);
    }
    return value;
  }

  /** The single file or folder that a command works on. */
  onePositional(what: string): string {
    const [first, ...others] = this.positionals;
    if (first === undefined || others.length > 0) {
      throw this.fault(
        `expected one ${what}, found ${first === undefined ? 'none' : this.positionals.length}`,
      );
    }
    return first;
  }

  fault(message: string): UsageError {
    return new UsageError(`${message}; see “untangle ${this.#command} --help”.`);
  }

  private choice<const Choice extends string>(
    name: string,
    text: string,
    choices: readonly Choice[],
  ): Choice {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw this.fault(`expected ${choices.join(', ')} after --${name}, found ${JSON.stringify(text)}`);
    }
    return found;
  }
}

/** A token of Node's reader of arguments that is an option. */
interface OptionToken {
  name: string;
  /** As typed, with its dashes. */
  rawName: string;
  value: string | undefined;
  /** Whether the value follows an equals sign. */
  inlineValue: boolean | undefined;
}

/** Reads a command's arguments. @throws UsageError for unknown options and missing values. */
export function parseOptions(command: string, specs: Specs, args: readonly string[]): GivenOptions {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  // Not strict, because Node's own messages are of several lines and refuse negative numbers.
  const { tokens } = parseArgs({
    ...{ args: [...args], options },
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const values = new Map<string, string[]>();
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const problem = problemOf(token, specs);
    if (problem) throw new UsageError(`${problem}; see “untangle ${command} --help”.`);
    if (token.value === undefined) switches.add(token.name);
    else values.set(token.name, [...(values.get(token.name) ?? []), token.value]);
  }
  return new GivenOptions(command, specs, { positionals, values, switches });
}

function problemOf({ name, rawName, value, inlineValue }: OptionToken, specs: Specs): string | undefined {
  if (!Object.hasOwn(specs, name)) return `expected an option of this command, found ${rawName}`;
  const wanted = specs[name].value;
  if (wanted === undefined) {
    return value === undefined
      ? undefined
      : `expected ${rawName} without a value, found ${JSON.stringify(value)}`;
  }
  if (value === undefined) return `expected ${wanted} after ${rawName}, found nothing`;
  const isOption = !inlineValue && value.startsWith('-') && value.length > 1 && Number.isNaN(Number(value));
  return isOption
    ? `expected ${wanted} after ${rawName}, found ${value} (a text that begins with a dash is given as ${rawName}=TEXT)`
    : undefined;
}
