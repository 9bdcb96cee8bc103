import type { NetworkDescription } from '../../model/network.ts';
import { ADAM, assertOptimizerState } from '../../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../model/parameters.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import { BatchSource } from './batches.ts';
import { linkMembers } from './exchange.ts';
import { describeFamily, type Family, type Stage } from './family.ts';
import {
  checkObjective,
  countImages,
  type DescribedObjective,
  objectiveOfRange,
  unitsAt,
} from './inference.ts';
import { type Arithmetic, availableArithmetic } from './kernels.ts';
import { createMember, type MemberCalls, type RemoteMember } from './member.ts';
import type { Kind, Part } from './store.ts';
import { shareOf } from './training.ts';

export { supportsNetwork } from './family.ts';
export { type Arithmetic, availableArithmetic } from './kernels.ts';

export interface WasmEngineOptions {
  network: NetworkDescription;
  /** Default: what the machine has. A resumed run asks for the arithmetic that it was started with. */
  arithmetic?: Arithmetic;
  /** Threads that compute, the caller's own included; not more than there are groups of four channels. */
  workers?: number;
  /** Starts a thread for one more member; needed for more than one worker. */
  spawn?: () => RemoteMember;
  /** Exchange by shared memory: default where the context allows it. */
  shared?: boolean;
}

export interface WasmEngine extends Engine {
  readonly id: 'wasm';
  /** Weights are bit-identical between runs of the same arithmetic, on any number of workers. */
  readonly arithmetic: Arithmetic;
}

/** Fewer images than this are not worth a message. */
const SPLIT_FROM = 64;

/**
 * An engine of WebAssembly SIMD kernels, for conv (one input channel) - ReLU - flatten - linear - logSoftmax.
 * @throws for other networks, and for fused arithmetic where the machine has none.
 */
export async function createWasmEngine({
  network,
  arithmetic,
  workers = 1,
  spawn,
  shared,
}: WasmEngineOptions): Promise<WasmEngine> {
  const family = describeFamily(network);
  const available = await availableArithmetic();
  if (arithmetic === 'fused' && available === 'plain') {
    throw new Error(
      'createWasmEngine: expected fused multiply-add (relaxed SIMD), which this browser or processor does not have; go on with plain arithmetic or on another machine',
    );
  }
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`createWasmEngine: expected at least one worker, found ${workers}`);
  }
  const count = Math.min(workers, family.groups);
  if (count > 1 && !spawn) {
    throw new Error(`createWasmEngine: expected a way to spawn members for ${count} workers, found none`);
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
  const links = count > 1 ? linkMembers(count, shared) : [undefined];
  try {
    await Promise.all(
      members.map((member, i) => {
        const link = links[i];
        const ports = link?.kind === 'ports' ? link.ports.filter((port) => port !== undefined) : [];
        return member.call('create', { network, arithmetic: chosen, link }, ports);
      }),
    );
  } catch (error) {
    for (const member of members) {
      member.terminate();
    }
    throw error;
  }
  return new MemberEngine(network, family, chosen, members);
}

/** The engine over its members; the first is in the caller's own thread. */
class MemberEngine implements WasmEngine {
  readonly id = 'wasm';
  readonly network: NetworkDescription;
  readonly optimizer = ADAM;
  readonly arithmetic: Arithmetic;
  private readonly family: Family;
  private readonly members: RemoteMember[];
  private readonly names: string[];
  private readonly source: BatchSource;
  private updates = 0;
  /** What every member has of the others since the last update. */
  private readonly synchronized = new Set<`${Kind} ${Part}`>();

  constructor(network: NetworkDescription, family: Family, arithmetic: Arithmetic, members: RemoteMember[]) {
    this.network = network;
    this.family = family;
    this.arithmetic = arithmetic;
    this.members = members;
    this.source = new BatchSource(family, members.length);
    this.names = Object.values(family.names);
  }

  get description(): string {
    const { length } = this.members;
    return `${length} worker${length > 1 ? 's' : ''}, ${this.arithmetic === 'fused' ? 'fused multiply-add' : 'plain multiply and add'}`;
  }

  /** The same call to all members at once; the first comes last, because it may block this thread. */
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

  async state(): Promise<Required<NetworkState>> {
    return {
      parameters: await this.read('weights', this.names),
      optimizer: {
        kind: 'adam',
        step: this.updates,
        slots: {
          exp_avg: await this.read('first', this.names),
          exp_avg_sq: await this.read('second', this.names),
        },
      },
    };
  }

  parameters(names = this.names): Promise<Parameters> {
    return this.read('weights', names);
  }

  private async read(kind: Kind, names: string[]): Promise<Parameters> {
    const { filterWeight, filterBias, denseWeight } = this.family.names;
    if (names.includes(filterWeight) || names.includes(filterBias)) {
      await this.synchronize(kind, 'filter');
    }
    if (names.includes(denseWeight)) {
      await this.synchronize(kind, 'dense');
    }
    return this.members[0].call('read', { kind, names });
  }

  private async synchronize(kind: Kind, part: Part): Promise<void> {
    if (this.members.length > 1 && !this.synchronized.has(`${kind} ${part}`)) {
      await this.callAll('synchronize', () => ({ kinds: [kind], parts: [part] }));
      this.synchronized.add(`${kind} ${part}`);
    }
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
    const [{ losses, correct }] = answers;
    return { losses, correct };
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    const stage = this.stageOf(layer, 'forward');
    const count = countImages(images, this.family.pixels, 'forward');
    const shares = await this.shareImages(count);
    if (!shares) {
      return this.members[0].call('forward', { images, stage });
    }
    const parts = await this.callAll('forward', (member) => ({
      images: rowsOf(images, this.family.pixels, shares[member]),
      stage,
    }));
    return concatenate(parts, new Float32Array(count * unitsAt(this.family, stage)));
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
    const result = await this.describedGradient(images, this.stageOf(layer, 'inputGradient'), objective);
    return wanted ? { ...result, activations: await this.forward(images, layer) } : result;
  }

  private async describedGradient(
    images: Pixels,
    stage: Stage,
    objective: DescribedObjective,
  ): Promise<InputGradient> {
    const { pixels } = this.family;
    const count = countImages(images, pixels, 'inputGradient');
    checkObjective(this.family, count, stage, objective);
    const shares = await this.shareImages(count);
    if (!shares) {
      return this.members[0].call('inputGradient', { images, stage, objective });
    }
    const units = unitsAt(this.family, stage);
    const parts = await this.callAll('inputGradient', (member) => {
      const share = shares[member];
      return {
        images: rowsOf(images, pixels, share),
        stage,
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

  /** Each member's images, after bringing all members up to date; undefined where the first does them alone. */
  private async shareImages(count: number) {
    await this.synchronize('weights', 'filter');
    await this.synchronize('weights', 'dense');
    const { length } = this.members;
    return length === 1 || count < SPLIT_FROM
      ? undefined
      : this.members.map((_, member) => shareOf(count, member, length));
  }

  private stageOf(layer: string, caller: string): Stage {
    const stage = this.family.stages.get(layer);
    if (!stage) {
      throw new Error(
        `${caller}: expected a layer among ${[...this.family.stages.keys()].join(', ')}, found "${layer}"`,
      );
    }
    return stage;
  }

  async dispose(): Promise<void> {
    await this.callAll('dispose', () => undefined);
    for (const member of this.members) {
      member.terminate();
    }
  }
}

/** A copy of some rows: sending a view would send all that is behind it. */
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
