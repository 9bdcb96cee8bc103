/**
 * The values that a pickle can hold. None of them is ever executed: a global is a name, and an instance of an unknown
 * class is a record of what the pickle says about it.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleSequence
  | PickleDict
  | PickleRecord
  | PickleStorage
  | PickleTensor;

/** A class or function that the pickle names. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly qualifiedName: string,
  ) {}

  get name(): string {
    return `${this.module}.${this.qualifiedName}`;
  }
}

/** A list, tuple or set. */
export class PickleSequence {
  constructor(readonly items: PickleValue[]) {}
}

/** A dict. A key that occurs twice has its last value. */
export class PickleDict {
  readonly entries: [PickleValue, PickleValue][] = [];
}

/** An instance of a class that is not known here, or that nothing depends on. */
export class PickleRecord {
  /** Its own entries, if the class is a kind of dict. */
  readonly entries: [PickleValue, PickleValue][] = [];
  /** The states from BUILD: dicts of attributes, or tuples of such dicts. */
  readonly states: PickleValue[] = [];

  constructor(
    readonly type: PickleGlobal,
    /** The parameters that made it, and its own items, if the class is a kind of list. */
    readonly items: PickleValue[],
  ) {}
}

/** Numbers of a file that tensors share. */
export class PickleStorage {
  constructor(
    readonly key: string,
    /** As safetensors names it where it does, such as `F32`. Empty where the tensor says it. */
    readonly dtype: string,
    /** Values that the storage holds, or bytes where `dtype` is empty. */
    readonly count: number,
    /** Value of storage `key` that is the first. */
    readonly start: number,
  ) {}
}

export class PickleTensor {
  constructor(
    readonly storage: PickleStorage,
    readonly dtype: string,
    /** Place of the first value in the storage, counted in values. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
