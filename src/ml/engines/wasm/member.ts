import { CallError } from '../../callError.ts';
import type { NetworkDescription } from '../../model/network.ts';
import type { OptimizerDescription } from '../../model/optimizer.ts';
import type { NetworkState, Parameters } from '../../model/parameters.ts';
import type { InputGradient, Pixels, TrainingResult } from '../engine.ts';
import type { DescribedObjective } from '../shared/objective.ts';
import type { Batches } from './batches.ts';
import { ALONE, type Link, openExchange } from './exchange.ts';
import type { Arithmetic } from './kernels.ts';
import { createProgram, type Program, type ProgramKind } from './program.ts';
import type { Kind, Part } from './store.ts';

interface Call<Given, Result = void> {
  parameters: Given;
  result: Result;
  progress: never;
}

/**
 * The calls to a member of a pool. Each member has the whole network and trains its share of the network or of the
 * batch. The calls that exchange data (`train`, `synchronize`) are made to all members at once.
 */
export type MemberCalls = {
  create: Call<{
    network: NetworkDescription;
    optimizer: OptimizerDescription;
    program: ProgramKind;
    arithmetic: Arithmetic;
    link?: Link;
  }>;
  load: Call<NetworkState>;
  /** Trains on batches and returns their buffer with the result, and the milliseconds waited for other members. */
  train: Call<Batches, TrainingResult & { buffer: ArrayBuffer; waited: number }>;
  /** Fetches the parts trained by the other members. */
  synchronize: Call<{ kind: Kind; part: Part }[]>;
  /** Copies parameters, to the arrays of `earlier` where they fit. */
  read: Call<{ kind: Kind; names: string[]; earlier?: Parameters }, Parameters>;
  forward: Call<{ images: Pixels; layer: string }, Float32Array>;
  inputGradient: Call<{ images: Pixels; layer: string; objective: DescribedObjective }, InputGradient>;
  dispose: Call<void>;
};

export type MemberHandlers = {
  [Name in keyof MemberCalls]: (
    parameters: MemberCalls[Name]['parameters'],
  ) => Promise<MemberCalls[Name]['result']>;
};

/** A member in another context: in a worker, or a test's substitute. */
export interface RemoteMember {
  call<Name extends keyof MemberCalls & string>(
    name: Name,
    parameters: MemberCalls[Name]['parameters'],
    transfer?: Transferable[],
  ): Promise<MemberCalls[Name]['result']>;
  terminate(): void;
}

/** Serves one member in the context where it runs; `create` must be the first call. */
export function createMember(): MemberHandlers {
  let running: Program | undefined;
  const program = () => {
    if (!running) {
      throw new CallError(
        'createMember',
        'expected create before other calls, and none after the engine is disposed',
      );
    }
    return running;
  };
  return {
    async create({ link, ...options }) {
      running = await createProgram(options, link ? openExchange(link) : ALONE);
    },
    async load(state) {
      program().load(state);
    },
    async train({ steps, buffer }) {
      const { exchange } = program();
      const before = exchange.waited;
      const result = await program().train(steps);
      return { ...result, buffer, waited: exchange.waited - before };
    },
    async synchronize(shares) {
      for (const { kind, part } of shares) await program().synchronize(kind, part);
    },
    async read({ kind, names, earlier }) {
      return Object.fromEntries(names.map((name) => [name, program().read(kind, name, earlier?.[name])]));
    },
    async forward({ images, layer }) {
      return program().forward(images, layer);
    },
    async inputGradient({ images, layer, objective }) {
      return program().inputGradient(images, layer, objective);
    },
    async dispose() {
      running?.exchange.close();
      running = undefined;
    },
  };
}
