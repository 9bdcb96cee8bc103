import fc from 'fast-check';
import { evaluate } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { VECTOR_FUNCTIONS, valueAndGradient } from '../../../src/ml/expressions/gradient.ts';
import { parseExpression } from '../../../src/ml/expressions/parse.ts';

const parseVector = (text: string) =>
  parseExpression(text, { variables: ['a', 'b', 'x'], functions: VECTOR_FUNCTIONS });

const point = { a: [0.7, 1.3, 0.9, 1.8], b: [1.1, 0.6, 1.4, 0.8], x: [0.25, 1.5] };

/** mathjs's own exp and similar functions reject vectors. */
const elementWise = Object.fromEntries(
  (['abs', 'sqrt', 'exp', 'log', 'tanh'] as const).map((name) => [
    name,
    (vector: number[]) => vector.map((entry) => Math[name](entry)),
  ]),
);

/** d(value) / d(t) of the expression at variables + t direction, by central differences. */
function slope(text: string, direction: Record<string, number[]>, h: number): number {
  const at = (t: number) => {
    const moved = Object.fromEntries(
      Object.entries(point).map(([name, values]) => [name, values.map((v, i) => v + t * direction[name][i])]),
    );
    return valueAndGradient(parseVector(text), moved, []).value;
  };
  return (at(h) - at(-h)) / (2 * h);
}

describe('valueAndGradient', () => {
  it.each([
    'mean((a - b)^2)',
    'norm(b - a) / norm(a)',
    '1 - dot(a, b) / (norm(a) * norm(b))',
    'sum(abs(a - b)) + 0.1 * sum(x^2)',
    'max(a * b) - sum(min(exp(b), a, 1)) * min(b)',
    'sum(log(1 + b) * tanh(b) / sqrt(b + a))',
    'mean(2^b + b^b + b^a - -b)',
    'sum(min(a, b) + max(a, 1))',
    'max(x)^3 * mean(b)',
  ])('agrees with finite differences for %s', (text) => {
    const { gradients } = valueAndGradient(parseVector(text), point, ['a', 'b', 'x']);
    for (const name of ['a', 'b', 'x'] as const) {
      for (let i = 0; i < point[name].length; i++) {
        const direction = {
          a: point.a.map(() => 0),
          b: point.b.map(() => 0),
          x: point.x.map(() => 0),
        };
        direction[name][i] = 1;
        expect(gradients[name][i]).toBeCloseTo(slope(text, direction, 1e-6), 7);
      }
    }
  });

  it('agrees with mathjs and with finite differences for random expressions', () => {
    const direction = { a: [0.3, -0.5, 0.2, 0.7], b: [-0.6, 0.1, 0.8, -0.4], x: [0.9, -0.2] };
    let compared = 0;
    fc.assert(
      fc.property(scalarText(3), (text) => {
        let result: ReturnType<typeof valueAndGradient>;
        try {
          result = valueAndGradient(parseVector(text), point, ['a', 'b', 'x']);
        } catch (error) {
          expect((error as Error).message).toMatch(/expected (a finite result|a derivative|at most)/);
          return;
        }
        const oracle: unknown = evaluate(text.replace(/[*/^]/g, '.$&'), { ...point, ...elementWise });
        expect(result.value).toBeCloseTo(
          Number(oracle),
          8 - Math.ceil(Math.log10(1 + Math.abs(result.value))),
        );
        const [coarse, fine] = [slope(text, direction, 2e-5), slope(text, direction, 1e-5)];
        const scale = 1 + Math.abs(fine) + Math.abs(result.value);
        // At a kink or beside a pole, the two differences disagree.
        if (Math.abs(coarse - fine) < 1e-6 * scale) {
          compared += 1;
          const slopeByGradient = Object.entries(direction).reduce(
            (sum, [name, d]) => sum + d.reduce((s, each, i) => s + each * result.gradients[name][i], 0),
            0,
          );
          expect(Math.abs(slopeByGradient - fine)).toBeLessThan(1e-4 * scale);
        }
      }),
      { seed: 111, numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('returns subgradients where there is no derivative', () => {
    const zero = { b: [0, 0] };
    expect([...valueAndGradient(parseVector('norm(b)'), zero, ['b']).gradients.b]).toEqual([0, 0]);
    expect([...valueAndGradient(parseVector('sum(abs(b))'), zero, ['b']).gradients.b]).toEqual([0, 0]);
    expect([...valueAndGradient(parseVector('max(b)'), zero, ['b']).gradients.b]).toEqual([1, 0]);
  });

  it.each([
    ['a - b', 'expected a single number as result, found a vector of 4'],
    ['sum(a * x)', 'expected vectors of one length, found 2 and 4'],
    ['sum(log(-b))', 'expected a finite result, found NaN'],
    ['1 / sum(a - a)', 'expected a finite result, found Infinity'],
    ['sum(sqrt(b - b))', 'expected a derivative by b, found none here'],
  ])('refuses %s', (text, message) => {
    expect(() => valueAndGradient(parseVector(text), point, ['b', 'x'])).toThrow(message);
  });
});

/** Random scalar expressions of the vectors a and b (of equal length) and x. */
function scalarText(depth: number): fc.Arbitrary<string> {
  const reduction = fc
    .tuple(
      fc.constantFrom('sum', 'mean', 'norm', 'min', 'max'),
      fc.oneof(vectorText(depth), fc.constant('x')),
    )
    .map(([name, vector]) => `${name}(${vector})`);
  const dot = fc.tuple(vectorText(depth), vectorText(depth)).map(([u, v]) => `dot(${u}, ${v})`);
  const combined = fc
    .tuple(reduction, fc.constantFrom('+', '-', '*', '/'), fc.oneof(reduction, dot))
    .map(([u, operator, v]) => `(${u}) ${operator} (${v})`);
  return fc.oneof(reduction, dot, combined);
}

function vectorText(depth: number): fc.Arbitrary<string> {
  const variable = fc.constantFrom('a', 'b');
  if (depth === 0) {
    return variable;
  }
  const inner = vectorText(depth - 1);
  const unary = fc
    .tuple(fc.constantFrom('abs', 'sqrt', 'exp', 'log', 'tanh', '-'), inner)
    .map(([name, u]) => `${name}(${u})`);
  const binary = fc
    .tuple(inner, fc.constantFrom('+', '-', '*', '/', '^'), inner)
    .map(([u, operator, v]) => `(${u}) ${operator} (${v})`);
  const withNumber = fc
    .tuple(inner, fc.constantFrom('+ 0.5', '* 2', '/ 3', '^ 2', '- 1'))
    .map(([u, tail]) => `(${u}) ${tail}`);
  return fc.oneof(variable, unary, binary, withNumber);
}
