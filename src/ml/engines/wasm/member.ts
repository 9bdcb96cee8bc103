import type { NetworkDescription } from '../../model/network.ts';
import type { NetworkState, Parameters } from '../../model/parameters.ts';
import type { InputGradient, Pixels, TrainingResult } from '../engine.ts';
import type { Batches } from './batches.ts';
import { ALONE, type Link, openExchange } from './exchange.ts';
import { describeFamily, type Stage } from './family.ts';
import { type DescribedObjective, forward, inputGradient } from './inference.ts';
import { Instance } from './instance.ts';
import type { Arithmetic } from './kernels.ts';
import type { Kind, Part } from './store.ts';
import { Trainer } from './training.ts';

interface Call<Given, Result = void> {
  parameters: Given;
  result: Result;
  progress: never;
}

/**
 * What a member of a pool is asked. Each has the whole network and trains its own groups of channels; the calls that
 * exchange (`train`, `synchronize`) are made to all members at once.
 */
export type MemberCalls = {
  create: Call<{ network: NetworkDescription; arithmetic: Arithmetic; link?: Link }>;
  load: Call<NetworkState>;
  /** The batches' buffer comes back with the result. */
  train: Call<Batches, TrainingResult & { buffer: ArrayBuffer }>;
  /** Brings some of what the other members trained. */
  synchronize: Call<{ kinds: Kind[]; parts: Part[] }>;
  read: Call<{ kind: Kind; names: string[] }, Parameters>;
  forward: Call<{ images: Pixels; stage: Stage }, Float32Array>;
  inputGradient: Call<{ images: Pixels; stage: Stage; objective: DescribedObjective }, InputGradient>;
  dispose: Call<void>;
};

export type MemberHandlers = {
  [Name in keyof MemberCalls]: (
    parameters: MemberCalls[Name]['parameters'],
  ) => Promise<MemberCalls[Name]['result']>;
};

/** A member somewhere else: in a worker, or a test's stand-in for one. */
export interface RemoteMember {
  call<Name extends keyof MemberCalls & string>(
    name: Name,
    parameters: MemberCalls[Name]['parameters'],
    transfer?: Transferable[],
  ): Promise<MemberCalls[Name]['result']>;
  terminate(): void;
}

/** One member, for the place where it runs; `create` comes first. */
export function createMember(): MemberHandlers {
  let running: Trainer | undefined;
  const trainer = () => {
    if (!running) {
      throw new Error(
        'createMember: expected create before other calls, and none after the engine is disposed',
      );
    }
    return running;
  };
  return {
    async create({ network, arithmetic, link }) {
      const exchange = link ? openExchange(link) : ALONE;
      running = new Trainer(await Instance.create(describeFamily(network), arithmetic), exchange);
    },
    async load({ parameters, optimizer }) {
      const { store } = trainer().instance;
      store.write('weights', parameters);
      store.write('first', optimizer?.slots.exp_avg);
      store.write('second', optimizer?.slots.exp_avg_sq);
      trainer().updates = optimizer?.step ?? 0;
    },
    async train({ steps, buffer }) {
      return { ...(await trainer().train(steps)), buffer };
    },
    async synchronize({ kinds, parts }) {
      for (const kind of kinds) {
        for (const part of parts) {
          await trainer().synchronize(kind, part);
        }
      }
    },
    async read({ kind, names }) {
      const { store } = trainer().instance;
      return Object.fromEntries(names.map((name) => [name, store.read(kind, name)]));
    },
    async forward({ images, stage }) {
      return forward(trainer().instance, images, stage);
    },
    async inputGradient({ images, stage, objective }) {
      return inputGradient(trainer().instance, images, stage, objective);
    },
    async dispose() {
      running?.exchange.close();
      running = undefined;
    },
  };
}
