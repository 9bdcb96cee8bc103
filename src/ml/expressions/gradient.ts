import { CallError } from '../callError.ts';
import type { Expression } from './parse.ts';

/**
 * Reverse-mode derivative of an expression of vectors. A value is a Float64Array; a value of length 1 is a scalar and
 * combines with vectors of any length, entry by entry.
 *
 * If a function has no derivative, a subgradient is used: 0 for abs at 0 and for norm at the zero vector; for min and max,
 * the first of equal entries gets the whole gradient.
 */

/** Functions of vectors, with their minimum and maximum number of inputs. */
export const VECTOR_FUNCTIONS = {
  abs: [1, 1],
  sqrt: [1, 1],
  exp: [1, 1],
  log: [1, 1],
  tanh: [1, 1],
  /** The smallest entry of one vector, or the entrywise minimum of several. */
  min: [1, Infinity],
  max: [1, Infinity],
  sum: [1, 1],
  mean: [1, 1],
  dot: [2, 2],
  /** Euclidean norm. */
  norm: [1, 1],
} as const satisfies Record<string, readonly [number, number]>;

/** A subexpression with its value. */
interface Part {
  value: Float64Array;
  /** d(result) / d(value), if a requested variable occurs in this subexpression. */
  gradient?: Float64Array;
}

/** The pending operations of the backward pass, in order of evaluation. */
type Tape = (() => void)[];

export interface ValueAndGradient {
  value: number;
  /** d(value) / d(variable) for each requested variable, with the variable's length. */
  gradients: Record<string, Float64Array>;
}

/**
 * Value and gradient of a scalar expression.
 * @param variables vectors by name, all that the expression uses.
 * @param withRespectTo variables whose gradients to return.
 * @throws if lengths differ, the result is not a scalar, or the value or gradient is not finite.
 */
export function valueAndGradient(
  expression: Expression,
  variables: Readonly<Record<string, ArrayLike<number>>>,
  withRespectTo: readonly string[],
): ValueAndGradient {
  const leaves = new Map<string, Part>(
    Object.entries(variables).map(([name, values]) => [
      name,
      part(new Float64Array(values), withRespectTo.includes(name)),
    ]),
  );
  const tape: Tape = [];
  const root = build(expression, leaves, tape);
  assertScalar(root.value.length);
  const [value] = root.value;
  if (!Number.isFinite(value)) {
    throw new CallError(
      'expression',
      `expected a finite result, found ${value} (a logarithm or root of a negative number, a division by zero, or an overflow)`,
    );
  }
  if (root.gradient) {
    root.gradient[0] = 1;
    for (const backward of tape.reverse()) {
      backward();
    }
  }
  const gradients: Record<string, Float64Array> = {};
  for (const name of withRespectTo) {
    const gradient = leaves.get(name)?.gradient;
    if (!gradient) {
      throw new CallError('expression', `expected the variable "${name}" to be given, found none`);
    }
    if (!gradient.every(Number.isFinite)) {
      throw new CallError(
        'expression',
        `expected a derivative by ${name}, found none here (such as that of sqrt at 0)`,
      );
    }
    gradients[name] = gradient;
  }
  return { value, gradients };
}

/**
 * Length of the expression's result, without evaluating it.
 * @param lengths of the variables.
 * @throws if vectors of different lengths are combined.
 */
export function resultLength(expression: Expression, lengths: Readonly<Record<string, number>>): number {
  switch (expression.kind) {
    case 'number':
      return 1;
    case 'variable':
      return lengths[expression.name];
    case 'call': {
      const inputs = expression.inputs.map((input) => resultLength(input, lengths));
      const length = commonLength(inputs);
      const reduces =
        ['sum', 'mean', 'dot', 'norm'].includes(expression.name) ||
        (['min', 'max'].includes(expression.name) && inputs.length === 1);
      return reduces ? 1 : length;
    }
    default:
      return expression satisfies never;
  }
}

/** Throws unless a result of this length is a single number. */
export function assertScalar(length: number): void {
  if (length !== 1) {
    throw new CallError(
      'expression',
      `expected a single number as result, found a vector of ${length}; use sum, mean, norm, dot, min or max`,
    );
  }
}

/** Length of vectors combined entry by entry; length 1 combines with any. */
function commonLength(lengths: readonly number[]): number {
  const longest = Math.max(...lengths);
  const other = lengths.find((length) => length !== longest && length !== 1);
  if (other !== undefined) {
    throw new CallError('expression', `expected vectors of one length, found ${other} and ${longest}`);
  }
  return longest;
}

function part(value: Float64Array, differentiate: boolean): Part {
  return differentiate ? { value, gradient: new Float64Array(value.length) } : { value };
}

function build(expression: Expression, leaves: ReadonlyMap<string, Part>, tape: Tape): Part {
  switch (expression.kind) {
    case 'number':
      return part(Float64Array.of(expression.value), false);
    case 'variable': {
      const leaf = leaves.get(expression.name);
      if (!leaf) {
        throw new CallError(
          'expression',
          `expected the variable "${expression.name}" to be given, found none`,
        );
      }
      return leaf;
    }
    case 'call': {
      const inputs = expression.inputs.map((input) => build(input, leaves, tape));
      return call(expression.name, inputs, tape);
    }
    default:
      return expression satisfies never;
  }
}

type Scalars = (a: number, b: number) => number;

/** Functions applied entry by entry: the value, then its derivatives by each input. */
const ELEMENT_WISE: { [name: string]: [value: Scalars, ...partials: Scalars[]] } = {
  add: [(a, b) => a + b, () => 1, () => 1],
  subtract: [(a, b) => a - b, () => 1, () => -1],
  multiply: [(a, b) => a * b, (_, b) => b, (a) => a],
  divide: [(a, b) => a / b, (_, b) => 1 / b, (a, b) => -a / (b * b)],
  power: [
    (a, b) => a ** b,
    (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
    (a, b) => (a === 0 && b > 0 ? 0 : a ** b * Math.log(a)),
  ],
  negate: [(a) => -a, () => -1],
  abs: [Math.abs, Math.sign],
  sqrt: [Math.sqrt, (a) => 0.5 / Math.sqrt(a)],
  exp: [Math.exp, Math.exp],
  log: [Math.log, (a) => 1 / a],
  tanh: [Math.tanh, (a) => 1 - Math.tanh(a) ** 2],
};

function call(name: string, inputs: Part[], tape: Tape): Part {
  if (Object.hasOwn(ELEMENT_WISE, name)) return elementWise(tape, inputs, ...ELEMENT_WISE[name]);
  const [first, second] = inputs;
  switch (name) {
    case 'min':
      return smallestOrLargest(tape, inputs, (a, b) => a <= b || Number.isNaN(a));
    case 'max':
      return smallestOrLargest(tape, inputs, (a, b) => a >= b || Number.isNaN(a));
    case 'sum':
      return scaledSum(tape, first, 1);
    case 'mean':
      return scaledSum(tape, first, 1 / first.value.length);
    case 'dot':
      return scaledSum(tape, call('multiply', [first, second], tape), 1);
    case 'norm':
      return norm(tape, first);
    default:
      throw new CallError('expression', `expected a function of vectors, found "${name}"`);
  }
}

/** The winning entry of one vector, or entry by entry of several. NaN must always win, so that it reaches the result. */
function smallestOrLargest(tape: Tape, inputs: Part[], wins: (a: number, b: number) => boolean): Part {
  if (inputs.length === 1) return extreme(tape, inputs[0], wins);
  return inputs.reduce((a, b) =>
    elementWise(
      tape,
      [a, b],
      (x, y) => (wins(x, y) ? x : y),
      (x, y) => (wins(x, y) ? 1 : 0),
      (x, y) => (wins(x, y) ? 0 : 1),
    ),
  );
}

/** One or two inputs, combined entry by entry; `partials` are the derivatives by each. */
function elementWise(
  tape: Tape,
  inputs: Part[],
  f: (a: number, b: number) => number,
  ...partials: ((a: number, b: number) => number)[]
): Part {
  const [a, b = a] = inputs.map(({ value }) => value);
  const length = commonLength([a.length, b.length]);
  // A scalar is reused for every entry.
  const [aStep, bStep] = [a.length === 1 ? 0 : 1, b.length === 1 ? 0 : 1];
  const value = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    value[i] = f(a[i * aStep], b[i * bStep]);
  }
  const result = part(
    value,
    inputs.some((input) => input.gradient),
  );
  const { gradient: upstream } = result;
  if (upstream) {
    tape.push(() => {
      inputs.forEach(({ gradient }, index) => {
        if (!gradient) {
          return;
        }
        const partial = partials[index];
        const step = index === 0 ? aStep : bStep;
        for (let i = 0; i < length; i++) {
          gradient[i * step] += upstream[i] * partial(a[i * aStep], b[i * bStep]);
        }
      });
    });
  }
  return result;
}

function scaledSum(tape: Tape, { value, gradient }: Part, scale: number): Part {
  const result = part(Float64Array.of(scale * value.reduce((sum, entry) => sum + entry, 0)), !!gradient);
  const { gradient: upstream } = result;
  if (gradient && upstream) {
    tape.push(() => {
      for (let i = 0; i < gradient.length; i++) {
        gradient[i] += upstream[0] * scale;
      }
    });
  }
  return result;
}

function norm(tape: Tape, { value, gradient }: Part): Part {
  const length = Math.sqrt(value.reduce((sum, entry) => sum + entry * entry, 0));
  const result = part(Float64Array.of(length), !!gradient);
  const { gradient: upstream } = result;
  if (gradient && upstream && length > 0) {
    tape.push(() => {
      for (let i = 0; i < gradient.length; i++) {
        gradient[i] += (upstream[0] * value[i]) / length;
      }
    });
  }
  return result;
}

/** The entry that wins over all others; the first in a tie. */
function extreme(tape: Tape, { value, gradient }: Part, wins: (a: number, b: number) => boolean): Part {
  const best = value.reduce((winner, entry, i) => (wins(value[winner], entry) ? winner : i), 0);
  const result = part(Float64Array.of(value[best]), !!gradient);
  const { gradient: upstream } = result;
  if (gradient && upstream) {
    tape.push(() => {
      gradient[best] += upstream[0];
    });
  }
  return result;
}
