import { FileError } from '../fileError.ts';
import { ByteReader, longOf } from './byteReader.ts';
import { refuseCommand } from './commands.ts';
import { PickleDict, PickleGlobal, PickleRecord, PickleSequence, type PickleValue } from './values.ts';

/**
 * A reader of Python's pickles, protocols 0 to 5, that executes nothing. Only the operations that build plain values
 * are implemented; `call` decides the value of each listed global.
 * Source: CPython's Lib/pickletools.py.
 */

export interface PickleHooks {
  /** Returns the result of calling a global. @throws FileError if the global is not listed. */
  call(global: PickleGlobal, parameters: PickleValue[]): PickleValue;
  /** Returns the value of a persistent id. */
  load(id: PickleValue): PickleValue;
}

/**
 * Maximum number of values. A state dict has a few hundred; a checkpoint with the losses of a million steps has a
 * million. Each takes at most 100 bytes of memory.
 */
const MAX_OPERATIONS = 2_000_000;

/**
 * Reads the pickle that begins at byte `start`. Time and memory are proportional to the pickle's length.
 * @returns the value and the position after its last byte.
 * @throws FileError that says what is wrong.
 */
export function unpickle(
  bytes: Uint8Array,
  hooks: PickleHooks,
  start = 0,
): { value: PickleValue; end: number } {
  const machine = new Machine(new ByteReader(bytes, start), hooks);
  for (let count = 0; count < MAX_OPERATIONS; count++) {
    const code = machine.reader.uint8();
    if (code === STOP) return { value: machine.pop(), end: machine.reader.at };
    const operation = OPERATIONS.get(code);
    if (!operation) {
      throw new FileError(
        `Expected a pickle's operation, found the byte 0x${code.toString(16).padStart(2, '0')}: the file is damaged, or no pickle.`,
      );
    }
    operation(machine);
  }
  throw new FileError(
    `Expected a pickle of at most ${MAX_OPERATIONS} operations, found more. ${SAVE_STATE_DICT}`,
  );
}

/** Advice for a PyTorch file with unsupported content. */
const SAVE_STATE_DICT =
  'Save the parameters alone: torch.save(model.state_dict(), "mnist_cnn.pt"), and open that file.';

class Machine {
  readonly memo = new Map<number, PickleValue>();
  readonly #stack: PickleValue[] = [];
  /** The stack's height at each open mark. */
  readonly #marks: number[] = [];

  constructor(
    readonly reader: ByteReader,
    readonly hooks: PickleHooks,
  ) {}

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  top(): PickleValue {
    const { length } = this.#stack;
    if (length <= (this.#marks.at(-1) ?? 0)) throw damaged('a value');
    return this.#stack[length - 1];
  }

  /** Removes and returns the top `count` values, in stack order. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Removes and returns all values above the last mark. */
  popMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height === undefined) throw damaged('a mark');
    return this.#stack.splice(height);
  }

  /** Drops the top value, or the mark at the top. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  store(index: number): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw damaged('a value that was kept');
    this.push(value);
  }

  text(): string {
    const value = this.pop();
    if (typeof value !== 'string') throw damaged('a name');
    return value;
  }

  global(module: string, name: string): void {
    const global = new PickleGlobal(module, name);
    refuseCommand(global);
    this.push(global);
  }

  type(): PickleGlobal {
    const value = this.pop();
    if (!(value instanceof PickleGlobal)) throw damaged('a class or function');
    return value;
  }

  call(): void {
    const parameters = itemsOf(this.pop());
    this.push(this.hooks.call(this.type(), parameters));
  }

  /** Records the creation of an instance without executing anything. */
  instance(): void {
    const parameters = itemsOf(this.pop());
    this.push(new PickleRecord(this.type(), parameters));
  }

  append(values: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleSequence || target instanceof PickleRecord)) throw damaged('a list');
    for (const value of values) target.items.push(value);
  }

  setItems(values: PickleValue[]): void {
    const target = this.top();
    const isOpen = target instanceof PickleDict || target instanceof PickleRecord;
    if (!isOpen || values.length % 2 !== 0) throw damaged('a dict with keys and values');
    for (let i = 0; i < values.length; i += 2) target.entries.push([values[i], values[i + 1]]);
  }

  /** Sets an instance's attributes. Attributes of dicts, tensors and lists are ignored. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleGlobal) {
      throw new FileError(
        `The file would change ${target.name} itself, which no file of parameters does. Nothing was executed. ${SAVE_STATE_DICT}`,
      );
    }
    if (target instanceof PickleRecord) target.states.push(state);
  }
}

const STOP = 0x2e;

/** The operations by their opcode, with the names of `pickletools`. */
const OPERATIONS: ReadonlyMap<number, (machine: Machine) => void> = new Map(
  Object.entries<(machine: Machine) => void>({
    // PROTO, FRAME have no effect.
    '\x80': ({ reader }) => void reader.take(1),
    '\x95': ({ reader }) => void reader.take(8),
    // The stack: MARK, POP, POP_MARK, DUP.
    '(': (machine) => machine.mark(),
    '0': (machine) => machine.drop(),
    '1': (machine) => void machine.popMark(),
    '2': (machine) => machine.push(machine.top()),
    // The memo: GET, BINGET, LONG_BINGET, PUT, BINPUT, LONG_BINPUT, MEMOIZE.
    g: (machine) => machine.recall(Number(machine.reader.line())),
    h: (machine) => machine.recall(machine.reader.uint8()),
    j: (machine) => machine.recall(machine.reader.uint32()),
    p: (machine) => machine.store(Number(machine.reader.line())),
    q: (machine) => machine.store(machine.reader.uint8()),
    r: (machine) => machine.store(machine.reader.uint32()),
    '\x94': (machine) => machine.store(machine.memo.size),
    // NONE, NEWTRUE, NEWFALSE.
    N: (machine) => machine.push(null),
    '\x88': (machine) => machine.push(true),
    '\x89': (machine) => machine.push(false),
    // Numbers: BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT, INT, LONG, FLOAT.
    J: (machine) => machine.push(machine.reader.int32()),
    K: (machine) => machine.push(machine.reader.uint8()),
    M: (machine) => machine.push(machine.reader.uint16()),
    '\x8a': (machine) => machine.push(machine.reader.long(machine.reader.uint8())),
    '\x8b': (machine) => machine.push(machine.reader.long(machine.reader.uint32())),
    G: (machine) => machine.push(machine.reader.float64()),
    I: (machine) => machine.push(intOf(machine.reader.line())),
    L: (machine) => machine.push(longOf(machine.reader.line())),
    F: (machine) => machine.push(Number(machine.reader.line())),
    // Texts: BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, BINSTRING, SHORT_BINSTRING, UNICODE, STRING.
    X: (machine) => machine.push(machine.reader.text(machine.reader.uint32())),
    '\x8c': (machine) => machine.push(machine.reader.text(machine.reader.uint8())),
    '\x8d': (machine) => machine.push(machine.reader.text(machine.reader.length64())),
    T: (machine) => machine.push(machine.reader.text(machine.reader.uint32())),
    U: (machine) => machine.push(machine.reader.text(machine.reader.uint8())),
    V: (machine) => machine.push(machine.reader.line()),
    S: (machine) => machine.push(machine.reader.line().replace(/^(['"])(.*)\1$/, '$2')),
    // Bytes: BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8.
    B: (machine) => machine.push(machine.reader.take(machine.reader.uint32())),
    C: (machine) => machine.push(machine.reader.take(machine.reader.uint8())),
    '\x8e': (machine) => machine.push(machine.reader.take(machine.reader.length64())),
    '\x96': (machine) => machine.push(machine.reader.take(machine.reader.length64())),
    // Lists, tuples, sets: EMPTY_LIST, LIST, APPEND, APPENDS, EMPTY_TUPLE, TUPLE, TUPLE1 to 3, EMPTY_SET, ADDITEMS,
    // FROZENSET.
    ']': (machine) => machine.push(new PickleSequence([])),
    l: (machine) => machine.push(new PickleSequence(machine.popMark())),
    a: (machine) => machine.append([machine.pop()]),
    e: (machine) => machine.append(machine.popMark()),
    ')': (machine) => machine.push(new PickleSequence([])),
    t: (machine) => machine.push(new PickleSequence(machine.popMark())),
    '\x85': (machine) => machine.push(new PickleSequence(machine.popMany(1))),
    '\x86': (machine) => machine.push(new PickleSequence(machine.popMany(2))),
    '\x87': (machine) => machine.push(new PickleSequence(machine.popMany(3))),
    '\x8f': (machine) => machine.push(new PickleSequence([])),
    '\x90': (machine) => machine.append(machine.popMark()),
    '\x91': (machine) => machine.push(new PickleSequence(machine.popMark())),
    // Dicts: EMPTY_DICT, DICT, SETITEM, SETITEMS.
    '}': (machine) => machine.push(new PickleDict()),
    d: (machine) => {
      const values = machine.popMark();
      machine.push(new PickleDict());
      machine.setItems(values);
    },
    s: (machine) => machine.setItems(machine.popMany(2)),
    u: (machine) => machine.setItems(machine.popMark()),
    // Classes and functions: GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, NEWOBJ_EX, BUILD, INST, OBJ.
    c: (machine) => machine.global(machine.reader.line(), machine.reader.line()),
    '\x93': (machine) => {
      const name = machine.text();
      machine.global(machine.text(), name);
    },
    R: (machine) => machine.call(),
    '\x81': (machine) => machine.instance(),
    '\x92': (machine) => {
      machine.pop();
      machine.instance();
    },
    b: (machine) => machine.build(),
    i: (machine) => {
      const [module, name] = [machine.reader.line(), machine.reader.line()];
      const parameters = machine.popMark();
      machine.global(module, name);
      machine.push(machine.hooks.call(machine.type(), parameters));
    },
    o: (machine) => {
      const [type, ...parameters] = machine.popMark();
      if (!(type instanceof PickleGlobal)) throw damaged('a class');
      machine.push(machine.hooks.call(type, parameters));
    },
    // PERSID, BINPERSID.
    P: (machine) => machine.push(machine.hooks.load(machine.reader.line())),
    Q: (machine) => machine.push(machine.hooks.load(machine.pop())),
  }).map(([letter, operation]) => [letter.charCodeAt(0), operation]),
);

function itemsOf(value: PickleValue): PickleValue[] {
  if (!(value instanceof PickleSequence)) throw damaged('a tuple of parameters');
  return value.items;
}

/** Protocol 0 writes booleans as the integers 00 and 01. */
function intOf(text: string): PickleValue {
  if (text === '00' || text === '01') return text === '01';
  return longOf(text);
}

function damaged(expected: string): FileError {
  return new FileError(
    `Expected ${expected} at this place of the pickle, found none: the file is damaged. Copy or download it again.`,
  );
}
