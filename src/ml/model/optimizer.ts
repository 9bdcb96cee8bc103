import { CallError } from '../callError.ts';
import type { NetworkDescription } from './network.ts';
import { assertParameters, type OptimizerState } from './parameters.ts';

/**
 * How parameters are updated, as PyTorch's `Adam` (betas .9 and .999, epsilon 1e-8) or `SGD` do it. The learning rate is a
 * setting of each step.
 */
export type OptimizerDescription =
  | { kind: 'adam' }
  | {
      kind: 'sgd';
      /** From 0 to below 1; no dampening, not Nesterov. */
      momentum: number;
      /** Added to the gradient times the parameter; 0 or more. */
      weightDecay: number;
    };

export const ADAM: OptimizerDescription = { kind: 'adam' };

/** The state that each optimizer keeps per parameter, with PyTorch's names; for SGD only with momentum. */
export const SLOTS = {
  adam: ['exp_avg', 'exp_avg_sq'],
  sgd: ['momentum_buffer'],
} as const;

/** Names of an optimizer's slots. SGD without momentum has none. */
export function slotNames(optimizer: OptimizerDescription): readonly string[] {
  return optimizer.kind === 'sgd' && optimizer.momentum === 0 ? [] : SLOTS[optimizer.kind];
}

/** Throws unless PyTorch would accept the description. */
export function assertOptimizer(optimizer: OptimizerDescription, caller: string): void {
  switch (optimizer.kind) {
    case 'adam':
      return;
    case 'sgd': {
      const { momentum, weightDecay } = optimizer;
      if (!(momentum >= 0 && momentum < 1)) {
        throw new CallError(caller, `expected momentum from 0 to below 1, found ${momentum}`);
      }
      if (!(weightDecay >= 0 && Number.isFinite(weightDecay))) {
        throw new CallError(caller, `expected weightDecay of 0 or more, found ${weightDecay}`);
      }
      return;
    }
    default:
      optimizer satisfies never;
  }
}

/**
 * Checks that a state belongs to the optimizer and the network.
 * @throws an Error that names the mismatch.
 */
export function assertOptimizerState(
  network: NetworkDescription,
  optimizer: OptimizerDescription,
  state: OptimizerState,
  caller: string,
): void {
  if (state.kind !== optimizer.kind) {
    throw new CallError(caller, `expected the state of ${optimizer.kind}, found that of ${state.kind}`);
  }
  const expected = slotNames(optimizer);
  const found = Object.keys(state.slots);
  if (found.length !== expected.length || !expected.every((name) => found.includes(name))) {
    throw new CallError(
      caller,
      `expected the slots ${expected.join(', ') || '(none)'}, found ${found.join(', ') || 'none'}`,
    );
  }
  for (const name of expected) assertParameters(network, state.slots[name], caller, name);
}
