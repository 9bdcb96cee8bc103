import { CallError } from '../../callError.ts';
import type { NetworkDescription } from '../../model/network.ts';
import { type OptimizerDescription, slotNames } from '../../model/optimizer.ts';
import type { NetworkState } from '../../model/parameters.ts';
import type { InputGradient, Pixels, TrainingResult } from '../engine.ts';
import type { DescribedObjective } from '../shared/objective.ts';
import { planNetwork } from '../shared/plan.ts';
import type { Exchange } from './exchange.ts';
import { describeFamily, supportsNetwork } from './family.ts';
import * as fused from './inference.ts';
import { Instance } from './instance.ts';
import type { Arithmetic } from './kernels.ts';
import * as layered from './layeredInference.ts';
import { LayeredInstance } from './layeredInstance.ts';
import { LayeredTrainer } from './layeredTraining.ts';
import type { Kind, Part } from './store.ts';
import { type ResolvedStep, Trainer } from './training.ts';

/**
 * `fused` runs the notebook's family with Adam and keeps activations in the first-level cache; `layered` runs any
 * network.
 */
export type ProgramKind = 'fused' | 'layered';

/** The fastest program for a network and an optimizer. */
export function programFor(network: NetworkDescription, optimizer: OptimizerDescription): ProgramKind {
  return optimizer.kind === 'adam' && supportsNetwork(network) === undefined ? 'fused' : 'layered';
}

/** The program of a pool's member. */
export interface Program {
  readonly exchange: Exchange;
  load(state: NetworkState): void;
  train(steps: ResolvedStep[]): Promise<TrainingResult>;
  /** Fetches the other members' shares of a part. */
  synchronize(kind: Kind, part: Part): Promise<void>;
  /** Copies one parameter, or the named slot of its optimizer, to an earlier copy's array if it fits. */
  read(kind: Kind, name: string, earlier?: Float32Array): Float32Array;
  forward(images: Pixels, layer: string): Float32Array;
  inputGradient(images: Pixels, layer: string, objective: DescribedObjective): InputGradient;
}

export interface ProgramOptions {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  program: ProgramKind;
  arithmetic: Arithmetic;
}

export function createProgram(options: ProgramOptions, exchange: Exchange): Promise<Program> {
  return options.program === 'fused' ? createFused(options, exchange) : createLayered(options, exchange);
}

async function createFused({ network, arithmetic }: ProgramOptions, exchange: Exchange): Promise<Program> {
  const family = describeFamily(network);
  const instance = await Instance.create(family, arithmetic);
  const trainer = new Trainer(instance, exchange);
  const stageOf = (layer: string) => found(family.stages.get(layer), layer);
  return {
    exchange,
    load({ parameters, optimizer }) {
      instance.store.write('weights', parameters);
      instance.store.write('first', optimizer?.slots.exp_avg);
      instance.store.write('second', optimizer?.slots.exp_avg_sq);
      trainer.updates = optimizer?.step ?? 0;
    },
    train: (steps) => trainer.train(steps),
    synchronize: (kind, part) => trainer.synchronize(kind, part),
    read: (kind, name, earlier) => instance.store.read(kind, name, earlier),
    forward: (images, layer) => fused.forward(instance, images, stageOf(layer)),
    inputGradient: (images, layer, objective) =>
      fused.inputGradient(instance, images, stageOf(layer), objective),
  };
}

async function createLayered(
  { network, optimizer: description, arithmetic }: ProgramOptions,
  exchange: Exchange,
): Promise<Program> {
  const plan = planNetwork(network);
  const instance = await LayeredInstance.create(plan, arithmetic);
  const trainer = new LayeredTrainer(instance, description, exchange);
  const stageOf = (layer: string) => found(plan.stages.get(layer), layer);
  const [first, second] = slotNames(description);
  return {
    exchange,
    load({ parameters, optimizer }) {
      instance.store.write(instance.blocks.weights, parameters);
      instance.store.write(instance.blocks.first, optimizer?.slots[first]);
      instance.store.write(instance.blocks.second, optimizer?.slots[second]);
      instance.prepare();
      trainer.updates = optimizer?.step ?? 0;
    },
    train: (steps) => trainer.train(steps),
    // Every member makes every update.
    synchronize: async () => {},
    read: (kind, name, earlier) => instance.store.read(instance.blocks[kind], name, earlier),
    forward: (images, layer) => layered.forward(instance, images, stageOf(layer)),
    inputGradient: (images, layer, objective) =>
      layered.inputGradient(instance, images, stageOf(layer), objective),
  };
}

function found<Stage>(stage: Stage | undefined, layer: string): Stage {
  if (stage === undefined)
    throw new CallError('forward', `expected a layer of the network, found "${layer}"`);
  return stage;
}
