import { CallError } from '../callError.ts';
import { type NetworkDescription, parameterShapes } from '../model/network.ts';
import { SLOTS } from '../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../model/parameters.ts';
import {
  float32Tensor,
  float32Values,
  parseSafetensors,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts';

/** The form of a file in a run's archive, declared once: its type (`ContentOf`), its strict reader and its writer. */
export interface FileForm<Content> {
  /** @throws an Error that names the path and what is wrong. */
  read(bytes: Uint8Array, path: string): Content;
  write(content: Content): Uint8Array;
}

export type ContentOf<Form> = Form extends FileForm<infer Content> ? Content : never;

/** Larger texts are rejected, because parsed JSON takes about ten times its length in memory. */
const MAX_TEXT = 2 ** 25;

export const textFile: FileForm<string> = {
  read(bytes, path) {
    if (bytes.length <= MAX_TEXT) return new TextDecoder().decode(bytes);
    throw new CallError(
      'readRunFile',
      `expected at most ${MAX_TEXT} bytes in ${path}, found ${bytes.length}`,
    );
  },
  write: (text) => new TextEncoder().encode(text),
};

/** A CSV table with a float32 of every step in each column; `columns` maps the content's names to headings. */
function stepTable<Name extends string>(columns: Record<Name, string>): FileForm<Record<Name, Float32Array>> {
  const names = Object.keys(columns) as Name[];
  const heading = ['step', ...names.map((name) => columns[name])].join();
  return {
    read(bytes, path) {
      const [found, ...lines] = textFile.read(bytes, path).trimEnd().split('\n');
      if (found !== heading) {
        throw new CallError('readRunFile', `expected the columns ${heading} in ${path}, found others`);
      }
      const values = names.map(() => new Float32Array(lines.length));
      lines.forEach((line, i) => {
        const [step, ...cells] = line.split(',');
        if (step !== String(i) || cells.length < names.length) {
          throw new CallError(
            'readRunFile',
            `expected step ${i} with its ${Object.values(columns).join(' and ')} in ${path}, found another line`,
          );
        }
        values.forEach((column, j) => {
          column[i] = Number(cells[j]);
        });
      });
      return Object.fromEntries(names.map((name, j) => [name, values[j]])) as Record<Name, Float32Array>;
    },
    write(content) {
      const values = names.map((name) => content[name]);
      const lengths = values.map(({ length }) => length);
      if (new Set(lengths).size > 1) {
        throw new CallError(
          'writeRunFile',
          `expected as many ${names.join(' as ')}, found ${lengths.join(' and ')}`,
        );
      }
      const lines = Array.from({ length: lengths[0] }, (_, step) =>
        [step, ...values.map((column) => digits(column[step]))].join(),
      );
      return textFile.write(`${[heading, ...lines].join('\n')}\n`);
    },
  };
}

/** Nine significant digits distinguish every float32 from its neighbors. */
function digits(value: number): string {
  return String(Number(value.toPrecision(9)));
}

/** Loss and accuracy of every step. */
export const stepsFile = stepTable({ losses: 'loss', accuracies: 'accuracy' });

/** A network's parameters. */
export function parametersFile(network: NetworkDescription): FileForm<Parameters> {
  return {
    read: (bytes, path) => readParameters(parseSafetensors(bytes).tensors, network, path),
    write(parameters) {
      assertParameters(network, parameters, 'writeRunFile');
      return writeSafetensors({ tensors: tensorsOf(network, parameters) });
    },
  };
}

/** A network's parameters and its optimizer's slots, with the slot's name before the parameter's. */
export function checkpointFile(network: NetworkDescription): FileForm<Required<NetworkState>> {
  return {
    read(bytes, path) {
      const { tensors, metadata } = parseSafetensors(bytes);
      const { kind, step } = readOptimizer(metadata, path);
      const [first] = parameterShapes(network);
      const slots = SLOTS[kind].filter((slot) => kind === 'adam' || tensors.has(`${slot}.${first?.name}`));
      const values = slots.map((slot) => [slot, readParameters(tensors, network, path, `${slot}.`)]);
      return {
        parameters: readParameters(tensors, network, path),
        optimizer: { kind, step, slots: Object.fromEntries(values) },
      };
    },
    write({ parameters, optimizer: { kind, step, slots } }) {
      assertParameters(network, parameters, 'writeRunFile');
      const tensors = new Map([
        ...Object.entries(slots).flatMap(([slot, values]) => [...tensorsOf(network, values, `${slot}.`)]),
        ...tensorsOf(network, parameters),
      ]);
      // Without a kind, the optimizer is Adam, as in all files from before there were others.
      const metadata = { step: String(step), ...(kind === 'adam' ? {} : { optimizer: kind }) };
      return writeSafetensors({ tensors, metadata });
    },
  };
}

function readOptimizer(metadata: Record<string, string> | undefined, path: string) {
  const step = Number(metadata?.step);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CallError('readRunFile', `expected the optimizer's step in ${path}, found none`);
  }
  const kind = metadata?.optimizer ?? 'adam';
  if (kind !== 'adam' && kind !== 'sgd') {
    throw new CallError('readRunFile', `expected the optimizer adam or sgd in ${path}, found "${kind}"`);
  }
  return { kind, step } as const;
}

function tensorsOf(network: NetworkDescription, values: Parameters, prefix = ''): Map<string, Tensor> {
  return new Map(
    parameterShapes(network).map(({ name, shape }) => [prefix + name, float32Tensor(values[name], shape)]),
  );
}

function readParameters(
  tensors: Map<string, Tensor>,
  network: NetworkDescription,
  path: string,
  prefix = '',
): Parameters {
  const parameters: Parameters = {};
  for (const { name, shape } of parameterShapes(network)) {
    const tensor = tensors.get(prefix + name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new CallError(
        'readRunFile',
        `expected "${prefix}${name}" of shape [${shape}] in ${path}, found ${tensor ? `[${tensor.shape}]` : 'none'}`,
      );
    }
    parameters[name] = float32Values(tensor);
  }
  assertParameters(network, parameters, 'readRunFile', path);
  return parameters;
}

/** Files that share a form of path, such as `results/NAME.json`, and their names in the run's content. */
export interface PathForm {
  /** @throws if the name is not allowed. */
  path(name: string): string;
  /** The name of the file with this path; undefined for other files. */
  name(path: string): string | undefined;
}

function paths(pattern: RegExp, pathOf: (name: string) => string): PathForm {
  return {
    path(name) {
      const path = pathOf(name);
      if (pattern.test(path)) return path;
      throw new CallError(
        'writeRunFile',
        `expected a path such as ${pattern}, found ${JSON.stringify(path)}`,
      );
    },
    name: (path) => pattern.exec(path)?.[1],
  };
}

export const resultPaths = paths(/^results\/([\w-]{1,80})\.json$/, (name) => `results/${name}.json`);

export const attachmentPaths = paths(
  /^((?:figures|tables)\/[\w-][\w.-]{0,80}\.(?:png|svg|csv))$/,
  (path) => path,
);
