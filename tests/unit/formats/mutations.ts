import fc from 'fast-check';

/** One change to a file: bytes overwritten, inserted, removed or repeated, or the end cut off. */
type Mutation =
  | { kind: 'overwrite'; at: number; bytes: number[] }
  | { kind: 'insert'; at: number; bytes: number[] }
  | { kind: 'remove'; at: number; length: number }
  | { kind: 'repeat'; at: number; length: number }
  | { kind: 'cut'; at: number };

/**
 * Position from 0 (the first byte) to 1 or -1 (the last). Squared below, because headers are at the start and
 * archives' directories at the end.
 */
const place = fc.double({ min: -1, max: 1, noNaN: true });
// Mostly bytes with a meaning in lengths, JSON and archives.
const byte = fc.oneof(
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, ...Buffer.from('{}[]",:-.0129eE /\\')),
  fc.nat(255),
);
const bytes = fc.array(byte, { minLength: 1, maxLength: 8 });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('overwrite' as const), at: place, bytes }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes }),
  fc.record({ kind: fc.constant('remove' as const), at: place, length: fc.integer({ min: 1, max: 32 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length: fc.integer({ min: 1, max: 32 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
);

/** One to four successive changes. */
const mutations: fc.Arbitrary<Mutation[]> = fc.array(mutation, { minLength: 1, maxLength: 4 });

function mutate(original: Uint8Array, changes: Mutation[]): Uint8Array {
  let file = [...original];
  for (const change of changes) {
    const distance = Math.floor(change.at ** 2 * file.length);
    const at = change.at < 0 ? file.length - distance : distance;
    switch (change.kind) {
      case 'overwrite':
        file.splice(at, change.bytes.length, ...change.bytes);
        break;
      case 'insert':
        file.splice(at, 0, ...change.bytes);
        break;
      case 'remove':
        file.splice(at, change.length);
        break;
      case 'repeat':
        file.splice(at, 0, ...file.slice(at, at + change.length));
        break;
      case 'cut':
        file = file.slice(0, at);
        break;
      default:
        change satisfies never;
    }
  }
  return Uint8Array.from(file);
}

/** A reader of files, to be tested with damaged ones. */
export interface Target {
  name: string;
  /** Takes milliseconds per file, so a short suite should test fewer. */
  slow?: boolean;
  /** Whole files to damage. */
  samples: () => Uint8Array[];
  /** Reads a file and returns the number of bytes in its result. */
  read: (file: Uint8Array) => number | Promise<number>;
  /** A refusal is an `Error` whose message begins like this. */
  refusal: RegExp;
  /** Maximum size of a result, given the file's length. */
  maxBytes: (length: number) => number;
}

/** Time limit for each file; generous, because the machine may be busy. */
const MAX_MILLISECONDS = 2000;

/**
 * Damages the target's samples `count` times. Each time the reader must return a result within its bound or an
 * orderly refusal, in time.
 * @returns the number of refused and of read files.
 */
export async function tryMutations(
  { name, samples, read, refusal, maxBytes }: Target,
  { count, seed }: { count: number; seed: number },
): Promise<{ refused: number; read: number }> {
  const originals = samples();
  const outcomes = { refused: 0, read: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(originals.length - 1), mutations, async (index, changes) => {
      const file = mutate(originals[index], changes);
      const start = performance.now();
      try {
        const held = await read(file);
        if (!(held <= maxBytes(file.length))) {
          throw new RangeError(`${name}: held ${held} bytes of a file of ${file.length}`);
        }
        outcomes.read++;
      } catch (error) {
        const orderly =
          error instanceof Error &&
          !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) &&
          refusal.test(error.message);
        if (!orderly) throw error;
        outcomes.refused++;
      }
      const took = performance.now() - start;
      if (took > MAX_MILLISECONDS) throw new Error(`${name}: took ${took} ms`);
    }),
    { numRuns: count, seed, endOnFailure: true },
  );
  return outcomes;
}
