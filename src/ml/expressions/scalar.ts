import { CallError } from '../callError.ts';
import type { Expression } from './parse.ts';

/** Functions of numbers, with their minimum and maximum number of inputs. */
export const SCALAR_FUNCTIONS = {
  abs: [1, 1],
  sqrt: [1, 1],
  exp: [1, 1],
  log: [1, 1],
  sin: [1, 1],
  cos: [1, 1],
  tanh: [1, 1],
  floor: [1, 1],
  ceil: [1, 1],
  round: [1, 1],
  min: [1, Infinity],
  max: [1, Infinity],
} as const satisfies Record<string, readonly [number, number]>;

const OPERATIONS: ReadonlyMap<string, (...inputs: number[]) => number> = new Map<
  string,
  (...inputs: number[]) => number
>([
  ['add', (a, b) => a + b],
  ['subtract', (a, b) => a - b],
  ['multiply', (a, b) => a * b],
  ['divide', (a, b) => a / b],
  ['power', (a, b) => a ** b],
  ['negate', (a) => -a],
  ...(Object.keys(SCALAR_FUNCTIONS) as (keyof typeof SCALAR_FUNCTIONS)[]).map(
    (name) => [name, Math[name]] as const,
  ),
]);

/** Evaluates an expression of numbers; NaN and infinities propagate. */
export function evaluateScalar(expression: Expression, variables: Readonly<Record<string, number>>): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'variable':
      return variables[expression.name];
    case 'call': {
      const operation = OPERATIONS.get(expression.name);
      if (!operation) {
        throw new CallError('evaluateScalar', `expected a function of numbers, found "${expression.name}"`);
      }
      return operation(...expression.inputs.map((input) => evaluateScalar(input, variables)));
    }
    default:
      return expression satisfies never;
  }
}
