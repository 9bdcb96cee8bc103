import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { Json, type JsonValue } from '../../../src/ml/formats/json.ts';
import {
  added,
  boolean,
  checked,
  converted,
  float64s,
  list,
  number,
  oneOf,
  optional,
  record,
  text,
  type ValueOf,
  variants,
  whole,
} from '../../../src/ml/formats/schema.ts';

const curve = record({
  name: text(20),
  norm: oneOf('linf', 'l2'),
  points: list(record({ epsilon: number(), correct: whole({ max: 10 }) }), 3),
  target: optional(whole()),
  offset: added(boolean(), false),
  start: variants({ seeded: record({ seed: whole() }), values: record({ values: float64s(3) }) }),
});

const example: ValueOf<typeof curve> = {
  name: 'curve',
  norm: 'l2',
  points: [{ epsilon: Number.POSITIVE_INFINITY, correct: 3 }],
  offset: true,
  start: { kind: 'values', values: Float64Array.of(1, Number.NaN) },
};

/** JSON after a round trip through text. */
const stored = (value: JsonValue): { [name: string]: JsonValue } => JSON.parse(JSON.stringify(value));
const read = (value: JsonValue) => curve.read(new Json(value, 'curve.json'));

describe('a schema', () => {
  it('gives the type of its records', () => {
    expectTypeOf<ValueOf<typeof curve>['norm']>().toEqualTypeOf<'linf' | 'l2'>();
    expectTypeOf<ValueOf<typeof curve>['target']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<ValueOf<typeof curve>['points'][number]['correct']>().toEqualTypeOf<number>();
  });

  it('writes its properties in order, and reads them back', () => {
    const written = curve.write(example);
    expect(JSON.stringify(written)).toBe(
      '{"name":"curve","norm":"l2","points":[{"epsilon":"Infinity","correct":3}],"offset":true,' +
        '"start":{"kind":"values","values":[1,"NaN"]}}',
    );
    expect(read(stored(written))).toEqual(example);
    expect(read(stored({ ...stored(written), target: 4, other: 1 }))).toEqual({ ...example, target: 4 });
  });

  it('reads a record from before a property was added', () => {
    const { offset: _, ...before } = stored(curve.write(example));
    expect(read(before)).toEqual({ ...example, offset: false });
  });

  it.each<[string, JsonValue, string]>([
    ['name', 3, 'curve.json.name: expected a text, found 3'],
    ['norm', 'l1', 'curve.json.norm: expected one of linf, l2, found "l1"'],
    ['points', {}, 'curve.json.points: expected a list, found {}'],
    [
      'points',
      [{ epsilon: 0, correct: 11 }],
      'curve.json.points[0].correct: expected a whole number from 0 to 10, found 11',
    ],
    ['points', [{ correct: 1 }], 'curve.json.points[0].epsilon: expected a number, found nothing'],
    ['target', null, 'curve.json.target: expected a whole number from 0 to 9007199254740991, found null'],
    ['start', { kind: 'none' }, 'curve.json.start.kind: expected one of seeded, values, found "none"'],
    [
      'start',
      { kind: 'toString' },
      'curve.json.start.kind: expected one of seeded, values, found "toString"',
    ],
  ])('names the place of a wrong %s', (name, value, message) => {
    expect(() => read({ ...stored(curve.write(example)), [name]: value })).toThrow(new Error(message));
  });

  it('names the place where a check or a conversion fails', () => {
    const even = checked(whole(), (value, json) => {
      if (value % 2 === 1) throw json.fault('an even number');
    });
    const halves = converted(list(even), {
      read: (values, json) => {
        if (values.length === 0) throw json.fault('at least one number', 'none');
        return values.map((value) => value / 2);
      },
      write: (values) => values.map((value) => 2 * value),
    });
    expect(halves.read(new Json([4, 2], 'x'))).toEqual([2, 1]);
    expect(halves.write([2, 1])).toEqual([4, 2]);
    expect(() => halves.read(new Json([4, 3], 'x'))).toThrow('x[1]: expected an even number, found 3');
    expect(() => halves.read(new Json([], 'x'))).toThrow('x: expected at least one number, found none');
  });

  it('returns a record or a clear error for any JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(example)), fc.jsonValue(), (name, value) => {
        const other: JsonValue = JSON.parse(JSON.stringify(value));
        try {
          const found = read({ ...stored(curve.write(example)), [name]: other });
          expect(read(stored(curve.write(found)))).toEqual(found);
        } catch (error) {
          expect((error as Error).message).toMatch(/^curve\.json[\w.[\]]*: expected .+, found /);
        }
      }),
      { numRuns: 500 },
    );
  });
});
