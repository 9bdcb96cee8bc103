import { CallError } from '../../callError.ts';
import { type Parameters, writableArray } from '../../model/parameters.ts';
import type { Family } from './family.ts';
import type { Arena } from './memory.ts';

/** The parameters themselves, or one of their Adam moments. */
export type Kind = 'weights' | 'first' | 'second';

/** Parameters divided by groups of channels. */
export type Part = 'filter' | 'dense';

/** A range of groups of four channels; `end` is exclusive. */
export interface Groups {
  first: number;
  end: number;
}

/** Adam's settings, PyTorch's defaults; the kernels contain the same values as float32. */
const BETA1 = 0.9;
const BETA2 = 0.999;

/** Adam's two factors for one update: learningRate / (1 - beta1^step) and 1 / sqrt(1 - beta2^step). */
export function adamFactors(learningRate: number, step: number): { stepSize: number; correction: number } {
  return {
    stepSize: learningRate / (1 - BETA1 ** step),
    correction: 1 / Math.sqrt(1 - BETA2 ** step),
  };
}

/**
 * Parameters and moments in the kernels' memory and layout: filters [groups][taps + 1][4 channels] with the bias
 * last, dense weights [groups][positions][classes][4 channels], dense bias [classes]. Padding channels and classes
 * are 0.
 */
export class Store {
  private readonly family: Family;
  private readonly arena: Arena;
  readonly filter: Record<Kind, number>;
  readonly dense: Record<Kind, number>;
  readonly bias: Record<Kind, number>;

  constructor(family: Family, arena: Arena) {
    this.family = family;
    this.arena = arena;
    const three = (length: number): Record<Kind, number> => ({
      weights: arena.allocate(4 * length),
      first: arena.allocate(4 * length),
      second: arena.allocate(4 * length),
    });
    this.filter = three(family.groups * this.filterLength);
    this.dense = three(family.groups * this.denseLength);
    this.bias = three(this.biasLength);
  }

  /** Floats of one group's filters. */
  get filterLength(): number {
    return 4 * (this.family.kernelSize ** 2 + 1);
  }

  /** Floats of one group's dense weights. */
  get denseLength(): number {
    return 4 * this.family.positions * this.family.paddedClasses;
  }

  /** Floats of the dense bias, padded to whole vectors. */
  get biasLength(): number {
    return 4 * Math.ceil(this.family.classes / 4);
  }

  /** A view of the groups' part in memory; writing to the view sets the values. */
  view(kind: Kind, part: Part, { first, end }: Groups): Float32Array {
    const length = part === 'filter' ? this.filterLength : this.denseLength;
    return this.arena.floats(this[part][kind] + 4 * first * length, (end - first) * length);
  }

  /** Sets all values of one kind, to 0 without `values`. */
  write(kind: Kind, values?: Parameters): void {
    const { family } = this;
    const all = { first: 0, end: family.groups };
    const filter = this.view(kind, 'filter', all);
    const dense = this.view(kind, 'dense', all);
    const bias = this.arena.floats(this.bias[kind], this.biasLength);
    filter.fill(0);
    dense.fill(0);
    bias.fill(0);
    if (!values) {
      return;
    }
    const taps = family.kernelSize ** 2;
    const filterWeight = values[family.names.filterWeight];
    const filterBias = values[family.names.filterBias];
    for (let channel = 0; channel < family.filters; channel++) {
      for (let tap = 0; tap < taps; tap++) {
        filter[this.filterIndex(channel, tap)] = filterWeight[channel * taps + tap];
      }
      filter[this.filterIndex(channel, taps)] = filterBias[channel];
    }
    const denseWeight = values[family.names.denseWeight];
    for (let output = 0; output < family.classes; output++) {
      for (let channel = 0; channel < family.filters; channel++) {
        const from = output * family.units + channel * family.positions;
        let to = this.denseIndex(channel, output);
        for (let position = 0; position < family.positions; position++) {
          dense[to] = denseWeight[from + position];
          to += 4 * family.paddedClasses;
        }
      }
    }
    bias.set(values[family.names.denseBias]);
  }

  /** Copies one parameter (or its moment) with PyTorch's name and layout, to an earlier copy's array if it fits. */
  read(kind: Kind, name: string, earlier?: Float32Array): Float32Array {
    const { family } = this;
    const { filters, classes, units, names } = family;
    const taps = family.kernelSize ** 2;
    switch (name) {
      case names.filterWeight: {
        const values = writableArray(filters * taps, earlier);
        const filter = this.view(kind, 'filter', { first: 0, end: family.groups });
        for (let i = 0; i < values.length; i++) {
          values[i] = filter[this.filterIndex(Math.floor(i / taps), i % taps)];
        }
        return values;
      }
      case names.filterBias: {
        const values = writableArray(filters, earlier);
        const filter = this.view(kind, 'filter', { first: 0, end: family.groups });
        for (let channel = 0; channel < filters; channel++) {
          values[channel] = filter[this.filterIndex(channel, taps)];
        }
        return values;
      }
      case names.denseBias: {
        const values = writableArray(classes, earlier);
        values.set(this.arena.floats(this.bias[kind], classes));
        return values;
      }
      case names.denseWeight: {
        const values = writableArray(classes * units, earlier);
        this.readDense(kind, values);
        return values;
      }
      default:
        throw new CallError(
          'parameters',
          `expected names among ${Object.values(names).join(', ')}, found "${name}"`,
        );
    }
  }

  /** Copies the dense weights to [classes][units]. */
  private readDense(kind: Kind, values: Float32Array): void {
    const { filters, positions, paddedClasses, classes, units } = this.family;
    // Four channels lie side by side, so they are read together.
    for (let channel = 0; channel < filters; channel += 4) {
      const group = this.view(kind, 'dense', { first: channel >> 2, end: (channel >> 2) + 1 });
      const width = Math.min(4, filters - channel);
      for (let output = 0; output < classes; output++) {
        const to = output * units + channel * positions;
        for (let position = 0; position < positions; position++) {
          const from = 4 * (position * paddedClasses + output);
          values[to + position] = group[from];
          if (width > 1) values[to + positions + position] = group[from + 1];
          if (width > 2) values[to + 2 * positions + position] = group[from + 2];
          if (width > 3) values[to + 3 * positions + position] = group[from + 3];
        }
      }
    }
  }

  private filterIndex(channel: number, tap: number): number {
    return (channel >> 2) * this.filterLength + 4 * tap + (channel & 3);
  }

  /** Address of the channel's first position. */
  private denseIndex(channel: number, output: number): number {
    return (channel >> 2) * this.denseLength + 4 * output + (channel & 3);
  }
}
