import { CallError } from '../callError.ts';
import { type Expression, parseExpression } from '../expressions/parse.ts';
import { evaluateScalar, SCALAR_FUNCTIONS } from '../expressions/scalar.ts';

/** Higher learning rates are typing errors, because Adam moves weights by about one learning rate per step. */
const HIGHEST = 100;

/** A learning rate that may change along the run. */
export interface Schedule {
  /** The original text. */
  readonly text: string;
  /**
   * @param epoch whole epochs done, from 0.
   * @param step updates made, from 0.
   * @throws if the value is not above 0 and at most 100.
   */
  at(moment: { epoch: number; step: number }): number;
}

/**
 * A learning rate given as a number or an expression of `epoch` and `step`, such as `1e-3 * 0.9^epoch`.
 * @throws if the expression does not parse or uses other names, or if a constant rate is invalid.
 */
export function parseSchedule(learningRate: number | string): Schedule {
  const text = String(learningRate);
  const expression =
    typeof learningRate === 'number'
      ? ({ kind: 'number', value: learningRate } as const)
      : parseExpression(learningRate, {
          variables: ['epoch', 'step'],
          functions: SCALAR_FUNCTIONS,
          constants: { pi: Math.PI },
        });
  const at: Schedule['at'] = ({ epoch, step }) => {
    const rate = evaluateScalar(expression, { epoch, step });
    if (!(rate > 0 && rate <= HIGHEST)) {
      const moment = isConstant(expression) ? '' : ` at epoch ${epoch}, step ${step}`;
      throw new CallError(
        'learningRate',
        `expected a learning rate above 0 and up to ${HIGHEST}, found ${rate}${moment}${text === String(rate) ? '' : ` from "${text}"`}`,
      );
    }
    return rate;
  };
  if (isConstant(expression)) {
    at({ epoch: 0, step: 0 });
  }
  return { text, at };
}

function isConstant(expression: Expression): boolean {
  return expression.kind === 'number' || (expression.kind === 'call' && expression.inputs.every(isConstant));
}
