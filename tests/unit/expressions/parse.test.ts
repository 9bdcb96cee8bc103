import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS, parseExpression } from '../../../src/ml/expressions/parse.ts';
import { evaluateScalar, SCALAR_FUNCTIONS } from '../../../src/ml/expressions/scalar.ts';

const vocabulary = { variables: ['u', 'v'], functions: SCALAR_FUNCTIONS, constants: { pi: Math.PI } };
const value = (text: string, variables = { u: 3, v: 0.5 }) =>
  evaluateScalar(parseExpression(text, vocabulary), variables);

describe('parseExpression', () => {
  it.each([
    ['1 + 2 * u', 7],
    ['-u ^ 2', -9],
    ['2 ^ 3 ^ 2', 512],
    ['(u - 1) / (v + v)', 2],
    ['u .* v ./ 2 .^ 2', 0.375],
    ['+u', 3],
    ['2 u', 6],
    ['min(u, v, 0.25) + max(u, 4)', 4.25],
    ['floor(u / 2) + ceil(v) + round(2.6)', 5],
    ['sqrt(abs(-u * 3)) + exp(0) + log(1) + tanh(0) + sin(0) + cos(0)', 5],
    ['cos(pi)', -1],
    ['  1e-3 * 1E3 # a comment', 1],
    ['\n u', 3],
  ])('gives %s its value', (text, expected) => {
    expect(value(text)).toBeCloseTo(expected, 14);
  });

  it.each([
    ['import("fs")', 'the function "import"'],
    ['evaluate("1")', 'the function "evaluate"'],
    ['createUnit("x")', 'the function "createUnit"'],
    ['toString(1)', 'the function "toString"'],
    ['__proto__(1)', 'the function "__proto__"'],
    ['constructor', 'the name "constructor"'],
    ['w', 'the name "w"'],
    ['5 cm', 'the name "cm"'],
    ['u = 3', 'an assignment'],
    ['f(x) = x', 'a function definition'],
    ['u.constructor', 'a property or an index'],
    ['u.constructor("return 1")', 'a call of something that is not a function name'],
    ['u["a"]', 'a property or an index'],
    ['[1, 2]', 'a matrix in brackets'],
    ['{ a: 1 }', 'an object'],
    ['u; v', 'several expressions'],
    ['1:3', 'a range'],
    ['u > 2 ? 1 : 2', 'a condition'],
    ['1 < u < 2', 'a comparison'],
    ['u > 2', 'the operator ">"'],
    ['u!', 'the operator "!"'],
    ['"text"', 'the constant "text"'],
    ['true', 'the constant true'],
    ['NaN', 'the constant NaN'],
    ['1e999', 'the constant Infinity'],
  ])('refuses %s and says what it is', (text, found) => {
    expect(() => parseExpression(text, vocabulary)).toThrow(`found ${found}`);
    expect(() => parseExpression(text, vocabulary)).toThrow(
      'expected numbers, u, v, pi, + - * / ^, brackets',
    );
  });

  it.each([
    ['', 'an empty text'],
    ['  ', 'an empty text'],
    ['1 +', 'Unexpected end of expression'],
    ['u)', 'Unexpected operator )'],
    ['sqrt', 'expected brackets after "sqrt"'],
    ['sqrt(1, 2)', 'expected 1 inputs of sqrt(), found 2'],
    ['min()', 'expected 1 or more inputs of min(), found 0'],
    ['u'.repeat(LIMITS.characters + 1), 'expected at most 500 characters, found 501'],
    ['1'.repeat(1e7), 'expected at most 500 characters'],
    ['('.repeat(LIMITS.brackets + 1), 'open brackets'],
    ['-'.repeat(400) + 1, 'nested 60 deep'],
    [`1${'^1'.repeat(200)}`, 'nested 60 deep'],
    [`min(1${',1'.repeat(220)})`, 'at most 200 parts'],
  ])('explains: %#', (text, message) => {
    expect(() => parseExpression(text, vocabulary)).toThrow(message);
  });

  it('gives a number or a clear error for any text', () => {
    const pieces = fc.constantFrom(
      ...[
        'u',
        'v',
        '1',
        '.5',
        'e',
        '+',
        '-',
        '*',
        '/',
        '^',
        '(',
        ')',
        ',',
        ' ',
        '.',
        "'",
        '"',
        '=',
        ';',
        '[',
        ']',
      ],
      ...[
        'sqrt(',
        'import(',
        'constructor',
        '__proto__',
        '!',
        '%',
        '?',
        ':',
        '<',
        '\n',
        '{',
        '}',
        '\\',
        '\u0000',
      ],
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.array(pieces).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          expect(typeof value(text)).toBe('number');
        } catch (error) {
          expect((error as Error).message).toMatch(/^expected /);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
