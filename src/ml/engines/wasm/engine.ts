import { CallError } from '../../callError.ts';
import { layerShapes, type NetworkDescription, parameterShapes, sizeOf } from '../../model/network.ts';
import {
  ADAM,
  assertOptimizer,
  assertOptimizerState,
  type OptimizerDescription,
  slotNames,
} from '../../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../model/parameters.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import {
  checkObjective,
  countImages,
  type DescribedObjective,
  objectiveOfRange,
} from '../shared/objective.ts';
import { planNetwork } from '../shared/plan.ts';
import { BatchSource } from './batches.ts';
import { linkMembers } from './exchange.ts';
import { describeFamily } from './family.ts';
import { type Arithmetic, availableArithmetic } from './kernels.ts';
import { createMember, type MemberCalls, type RemoteMember } from './member.ts';
import { type ProgramKind, programFor } from './program.ts';
import type { Kind, Part } from './store.ts';
import { shareOf } from './training.ts';

export { supportsNetwork } from './family.ts';

export interface WasmEngineOptions {
  network: NetworkDescription;
  /** Default: Adam. */
  optimizer?: OptimizerDescription;
  /** Default: the fastest program that runs the network. */
  program?: ProgramKind;
  /** Default: the machine's arithmetic. A resumed run requests its original arithmetic. */
  arithmetic?: Arithmetic;
  /** Number of threads that compute, including the caller's; limited by the work in a batch of 64. */
  workers?: number;
  /** Starts a thread for one more member; required for more than one worker. */
  spawn?: () => RemoteMember;
  /** Whether members exchange data by shared memory; by default, if the context allows it. */
  shared?: boolean;
  /** Speeds of the workers in relation to each other, by which work is shared. Default: equal. */
  speeds?: readonly number[];
}

export interface WasmEngine extends Engine {
  readonly id: 'wasm';
  /** Weights are bit-identical between runs of the same arithmetic, on any number of workers. */
  readonly arithmetic: Arithmetic;
  readonly workers: number;
  /** Milliseconds that each worker waited for the others during the last `train`. */
  readonly waits: readonly number[];
}

/** With fewer images than this, a message costs more than the work. */
const SPLIT_FROM = 64;

/** Number of shards in a batch of 64; more members would have no work. */
const MOST_LAYERED_WORKERS = 4;

/**
 * Creates an engine of WebAssembly SIMD kernels.
 * @throws if the layers do not fit together, or for fused arithmetic on a machine without it.
 */
export async function createWasmEngine({
  network,
  optimizer = ADAM,
  program = programFor(network, optimizer),
  arithmetic,
  workers = 1,
  spawn,
  shared,
  speeds,
}: WasmEngineOptions): Promise<WasmEngine> {
  assertOptimizer(optimizer, 'createWasmEngine');
  const most = program === 'fused' ? describeFamily(network).groups : MOST_LAYERED_WORKERS;
  if (program === 'layered') planNetwork(network);
  const available = await availableArithmetic();
  if (arithmetic === 'fused' && available === 'plain') {
    throw new CallError(
      'createWasmEngine',
      'expected fused multiply-add (relaxed SIMD), which this browser or processor lacks; continue with plain arithmetic or on another machine',
    );
  }
  if (!Number.isInteger(workers) || workers < 1) {
    throw new CallError('createWasmEngine', `expected at least one worker, found ${workers}`);
  }
  const count = Math.min(workers, most);
  if (count > 1 && !spawn) {
    throw new CallError(
      'createWasmEngine',
      `expected a way to spawn members for ${count} workers, found none`,
    );
  }
  const chosen = arithmetic ?? available;
  const handlers = createMember();
  const local: RemoteMember = {
    call: (name, parameters) => handlers[name](parameters),
    terminate() {},
  };
  const members = [local];
  while (spawn && members.length < count) {
    members.push(spawn());
  }
  const links =
    count > 1
      ? linkMembers(count, { shared, speeds: speeds?.length === count ? speeds : undefined })
      : [undefined];
  try {
    await Promise.all(
      members.map((member, i) => {
        const link = links[i];
        const ports = link?.kind === 'ports' ? link.ports.filter((port) => port !== undefined) : [];
        return member.call('create', { network, optimizer, program, arithmetic: chosen, link }, ports);
      }),
    );
  } catch (error) {
    for (const member of members) {
      member.terminate();
    }
    throw error;
  }
  return new MemberEngine({ network, optimizer, program, arithmetic: chosen, members });
}

interface MemberEngineOptions {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  program: ProgramKind;
  arithmetic: Arithmetic;
  members: RemoteMember[];
}

function partsOf(network: NetworkDescription): Map<string, Part> {
  const { filterWeight, filterBias, denseWeight } = describeFamily(network).names;
  return new Map([
    [filterWeight, 'filter'],
    [filterBias, 'filter'],
    [denseWeight, 'dense'],
  ]);
}

/** The kinds of values in the kernels, in the order of the optimizer's slots. */
const SLOT_KINDS: readonly Kind[] = ['first', 'second'];

/** The engine with its members; the first member runs in the caller's thread. */
class MemberEngine implements WasmEngine {
  readonly id = 'wasm';
  readonly network: NetworkDescription;
  readonly optimizer: OptimizerDescription;
  readonly arithmetic: Arithmetic;
  private readonly members: RemoteMember[];
  private readonly names: string[];
  /** Number of values per image, by layer name. */
  private readonly units: Map<string, number>;
  private readonly pixels: number;
  private readonly classes: number;
  /** The parameters that each member of a fused pool trains a share of. */
  private readonly parts: Map<string, Part>;
  private readonly source: BatchSource;
  private updates = 0;
  waits: readonly number[] = [];
  /** The parts exchanged between members since the last update. */
  private readonly synchronized = new Set<`${Kind} ${Part}`>();

  constructor({ network, optimizer, program, arithmetic, members }: MemberEngineOptions) {
    this.network = network;
    this.optimizer = optimizer;
    this.arithmetic = arithmetic;
    this.members = members;
    const shapes = layerShapes(network);
    this.units = new Map(shapes.map(({ name, shape }) => [name, sizeOf(shape)]));
    this.pixels = sizeOf(shapes[0].shape);
    this.classes = sizeOf(shapes[shapes.length - 1].shape);
    this.source = new BatchSource({ pixels: this.pixels, classes: this.classes }, members.length);
    this.names = parameterShapes(network).map(({ name }) => name);
    this.parts = program === 'fused' ? partsOf(network) : new Map();
  }

  get workers(): number {
    return this.members.length;
  }

  get description(): string {
    const { length } = this.members;
    return `${length} worker${length > 1 ? 's' : ''}, ${this.arithmetic === 'fused' ? 'fused multiply-add' : 'plain multiply and add'}`;
  }

  /** Makes the same call to all members at once; the first member comes last, because it may block this thread. */
  private async callAll<Name extends keyof MemberCalls & string>(
    name: Name,
    parametersOf: (member: number) => MemberCalls[Name]['parameters'],
    transferOf: (member: number) => Transferable[] = () => [],
  ): Promise<MemberCalls[Name]['result'][]> {
    const [first, ...others] = this.members;
    const remote = others.map((member, i) => member.call(name, parametersOf(i + 1), transferOf(i + 1)));
    return Promise.all([first.call(name, parametersOf(0)), ...remote]);
  }

  async load(state: NetworkState): Promise<void> {
    assertParameters(this.network, state.parameters, 'load');
    if (state.optimizer) assertOptimizerState(this.network, this.optimizer, state.optimizer, 'load');
    await this.callAll('load', () => state);
    this.updates = state.optimizer?.step ?? 0;
    this.synchronized.clear();
  }

  async state(earlier?: NetworkState): Promise<Required<NetworkState>> {
    const names = slotNames(this.optimizer);
    const kinds = SLOT_KINDS.slice(0, names.length);
    await this.synchronize(['weights', ...kinds], [...new Set(this.parts.values())]);
    const slots: Record<string, Parameters> = {};
    for (const [index, name] of names.entries()) {
      slots[name] = await this.read(kinds[index], this.names, earlier?.optimizer?.slots[name]);
    }
    return {
      parameters: await this.read('weights', this.names, earlier?.parameters),
      optimizer: { kind: this.optimizer.kind, step: this.updates, slots },
    };
  }

  async parameters(names = this.names): Promise<Parameters> {
    await this.synchronize(['weights'], [...new Set(names.flatMap((name) => this.parts.get(name) ?? []))]);
    return this.read('weights', names);
  }

  private read(kind: Kind, names: string[], earlier?: Parameters): Promise<Parameters> {
    return this.members[0].call('read', { kind, names, earlier });
  }

  /** Fetches what the first member lacks of other members' shares, in one call. */
  private async synchronize(kinds: readonly Kind[], parts: readonly Part[]): Promise<void> {
    if (this.members.length === 1) return;
    const shares = kinds
      .flatMap((kind) => parts.map((part) => ({ kind, part })))
      .filter(({ kind, part }) => !this.synchronized.has(`${kind} ${part}`));
    if (shares.length === 0) return;
    await this.callAll('synchronize', () => shares);
    for (const { kind, part } of shares) this.synchronized.add(`${kind} ${part}`);
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.source.setData(images, labels);
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    const batches = this.members.map((_, member) => this.source.resolve(steps, member));
    this.synchronized.clear();
    this.updates += steps.length;
    const answers = await this.callAll(
      'train',
      (member) => batches[member],
      (member) => [batches[member].buffer],
    );
    answers.forEach(({ buffer }, member) => {
      this.source.takeBack(buffer, member);
    });
    this.waits = answers.map(({ waited }) => waited);
    const [{ losses, correct }] = answers;
    return { losses, correct };
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    const units = this.unitsAt(layer, 'forward');
    const count = countImages(images, this.pixels, 'forward');
    const shares = await this.shareImages(count);
    if (!shares) {
      return this.members[0].call('forward', { images, layer });
    }
    const parts = await this.callAll('forward', (member) => ({
      images: rowsOf(images, this.pixels, shares[member]),
      layer,
    }));
    return concatenate(parts, new Float32Array(count * units));
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wanted = false } = {},
  ): Promise<InputGradient> {
    if (objective.kind === 'callback') {
      const activations = await this.forward(images, layer);
      const { values, cotangent } = objective.evaluate(activations);
      const { gradient } = await this.inputGradient(images, layer, { kind: 'cotangent', cotangent });
      return wanted ? { values, gradient, activations } : { values, gradient };
    }
    const result = await this.describedGradient(images, layer, objective);
    return wanted ? { ...result, activations: await this.forward(images, layer) } : result;
  }

  private async describedGradient(
    images: Pixels,
    layer: string,
    objective: DescribedObjective,
  ): Promise<InputGradient> {
    const { pixels, classes } = this;
    const units = this.unitsAt(layer, 'inputGradient');
    const count = countImages(images, pixels, 'inputGradient');
    checkObjective(objective, { count, units, classes });
    const shares = await this.shareImages(count);
    if (!shares) {
      return this.members[0].call('inputGradient', { images, layer, objective });
    }
    const parts = await this.callAll('inputGradient', (member) => {
      const share = shares[member];
      return {
        images: rowsOf(images, pixels, share),
        layer,
        objective: objectiveOfRange(objective, units, share),
      };
    });
    return {
      values: concatenate(
        parts.map(({ values }) => values),
        new Float64Array(count),
      ),
      gradient: concatenate(
        parts.map(({ gradient }) => gradient),
        new Float32Array(count * pixels),
      ),
    };
  }

  /** Each member's images, after all members are up to date; undefined if the first member computes them alone. */
  private async shareImages(count: number) {
    await this.synchronize(['weights'], [...new Set(this.parts.values())]);
    const { length } = this.members;
    return length === 1 || count < SPLIT_FROM
      ? undefined
      : this.members.map((_, member) => shareOf(count, member, length));
  }

  private unitsAt(layer: string, caller: string): number {
    const units = this.units.get(layer);
    if (units === undefined) {
      throw new CallError(
        caller,
        `expected a layer among ${[...this.units.keys()].join(', ')}, found "${layer}"`,
      );
    }
    return units;
  }

  async dispose(): Promise<void> {
    await this.callAll('dispose', () => undefined);
    for (const member of this.members) {
      member.terminate();
    }
  }
}

/** Copies some rows; sending a view would send its whole buffer. */
function rowsOf(images: Pixels, pixels: number, { first, end }: { first: number; end: number }): Pixels {
  return images.slice(first * pixels, end * pixels);
}

function concatenate<Values extends Float32Array | Float64Array>(parts: Values[], into: Values): Values {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
